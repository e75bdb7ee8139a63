"""params.yaml: its blocks, how it is read, and what its mistakes are called."""
