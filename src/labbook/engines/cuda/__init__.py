"""The cuda engine: packs of runs as batched tensors. How it works: docs/engine-cuda.md."""
