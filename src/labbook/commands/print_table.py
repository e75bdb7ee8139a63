"""Tables: with folded columns on a terminal, as plain text of any width elsewhere."""

import sys
from collections.abc import Callable, Iterable, Sequence


def print_table(
    names: Sequence[str],
    rows: Iterable[Sequence[object]],
    style: Callable[[str], str] = lambda cell: "",
) -> None:
    """Print rows of as many cells as there are names, with their columns in line.

    `style` says how a terminal shows a cell, in rich's words. A column without a name, which has
    pictures made of signs, is never folded.
    """
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
        table.add_column(Text(name), no_wrap=not name, overflow="fold")
    for row in texts:
        table.add_row(*(Text(cell, style=style(cell)) for cell in row))
    Console().print(table)
