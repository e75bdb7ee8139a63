"""A first study of a table: what `labbook new` looks at, guesses and writes down."""
