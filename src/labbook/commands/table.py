"""Tables: with folded columns on a terminal, as plain text of any width elsewhere."""

import sys


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows with their columns in line; the first row holds the names."""
    if sys.stdout.isatty():
        _print_folded(rows)
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())


def _print_folded(rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names, *others = rows
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(Text(name))
    for row in others:
        table.add_row(*map(Text, row))
    Console().print(table)
