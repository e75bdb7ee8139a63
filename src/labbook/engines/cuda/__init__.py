"""Packs of runs as batched tensors on one GPU, or, more slowly, on the CPU: see engine.py."""
