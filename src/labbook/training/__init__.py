"""The reference engine: packs of runs in, run files out."""
