"""How fast the engines train, beside what people use today: `make bench`. See docs/bench.md."""
