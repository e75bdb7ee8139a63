"""Simpler models on the same splits: what a network has to beat."""
