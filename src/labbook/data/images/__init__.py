"""From image files to numbers and classes."""
