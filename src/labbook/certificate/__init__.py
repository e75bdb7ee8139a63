"""Whether results are what this folder's params and code made, and whether they come out again."""
