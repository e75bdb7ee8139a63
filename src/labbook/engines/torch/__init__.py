"""The reference engine: plain PyTorch, to be read from top to bottom."""
