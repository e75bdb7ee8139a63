"""The champion for other programs: an ONNX file, checked row by row, and a card of it."""
