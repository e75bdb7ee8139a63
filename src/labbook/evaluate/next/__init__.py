"""What to try next: suggestions for params.yaml that follow from a study's results."""
