"""labbook at size: 10,000 runs, of which the training alone is a stub."""
