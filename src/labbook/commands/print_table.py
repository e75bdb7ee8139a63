"""Tables: with folded columns on a terminal, as plain text of any width elsewhere."""

import sys
from collections.abc import Iterable, Sequence


def print_table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows of as many cells as there are names, with their columns in line."""
    texts = [tuple(map(str, row)) for row in rows]
    if not sys.stdout.isatty():
        widths = [max(map(len, column)) for column in zip(names, *texts, strict=True)]
        for row in (names, *texts):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            print("  ".join(cells).rstrip())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(Text(name))
    for row in texts:
        table.add_row(*map(Text, row))
    Console().print(table)
