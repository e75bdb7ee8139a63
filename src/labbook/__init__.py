"""labbook: a lab book that writes itself."""

__version__ = "0.1.0"
