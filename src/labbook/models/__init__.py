"""Networks and plain references, one module per kind."""
