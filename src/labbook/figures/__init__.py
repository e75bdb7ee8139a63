"""Figures from tables, byte-equal for equal input."""
