"""A stand-in over csv_file for the reader that comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labbook.data import csv_file
from labbook.params.tables import Form


@dataclass(frozen=True)
class TableFile:
    """The columns that were asked for."""

    source: str
    rows: int
    numbers: dict[str, np.ndarray]
    texts: dict[str, np.ndarray]
    written: dict[str, str]
    lines: tuple[int, ...] = ()

    def place(self, row: int) -> str:
        """Where a row stands."""
        return f"line {self.lines[row]}"


def column_names(path: Path, form: Form, source: str | None = None) -> tuple[str, ...]:
    """The names of the columns."""
    return tuple(_cells(path, form, source).cells)


def read_table(
    path: Path,
    form: Form,
    *,
    numbers: Sequence[str] = (),
    texts: Sequence[str] = (),
    source: str | None = None,
) -> TableFile:
    """Read these columns."""
    table = _cells(path, form, source)
    values = csv_file.parse_columns(table, list(numbers))
    words = {name: np.array([_label(cell) for cell in table.cells[name]], object) for name in texts}
    return TableFile(
        table.source,
        len(table.lines),
        dict(zip(numbers, values.T, strict=True)),
        words,
        table.written,
        table.lines,
    )


def _label(text: str) -> str:
    text = text.strip()
    return "" if text.lower() in csv_file.EMPTY else text


def _cells(path: Path, form: Form, source: str | None) -> csv_file.Columns:
    return csv_file.read_table(
        path, delimiter=form.delimiter, repeated=form.repeated_columns, source=source
    )
