"""The compiled engine: whole training runs in machine code. How it works: docs/engine.md."""
