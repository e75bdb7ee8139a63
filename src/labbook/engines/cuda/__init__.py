"""Runs as stacks of tensors on one GPU, or, more slowly, on the CPU: see engine.py."""
