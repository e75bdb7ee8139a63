"""What keeps the folder tidy: what killed processes left, what nobody owns any more."""
