"""The page that comes out."""
