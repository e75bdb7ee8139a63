"""How files that people have become columns: text, Excel and Parquet."""
