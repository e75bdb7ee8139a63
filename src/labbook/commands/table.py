"""Tables on the terminal."""

import sys


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows with their columns in line; the first row holds the names."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip(), file=sys.stdout)
