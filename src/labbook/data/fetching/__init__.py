"""Where data come from: origins, mirrors, packages, functions, a user's own file."""
