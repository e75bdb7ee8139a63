"""What a repository's commits recorded, read from git and DVC's cache without a checkout."""
