"""From the text in a table's cells to numbers, or to a message that says where there is none."""

import math
from collections.abc import Sequence

import numpy as np

from labbook.data.csv_file import Columns, some
from labbook.errors import LabbookError

EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none"})
FEATURE = (
    "List such a column under `categorical` to have a 0/1 column per category, or under `drop` to "
    "leave it out"
)
TARGET = (
    "That is the target: if its values are classes, set `task: classification`; if it is a "
    "quantity, correct these fields or remove their rows"
)


def parse(text: str) -> float:
    """The number that a field holds, NaN where it is empty. Raises ValueError for other text."""
    text = text.strip()
    if text.lower() in EMPTY:
        return math.nan
    if "_" in text:  # Python's own way to write 1_000
        raise ValueError(text)
    return float(text)


def parse_columns(table: Columns, names: Sequence[str], remedy: str = FEATURE) -> np.ndarray:
    """The columns `names` as float64 (rows, columns), NaN where a field is empty.

    Raises `LabbookError` for text, with the `remedy`, and for numbers that are not finite, with
    their places.
    """
    values = np.empty((len(table.lines), len(names)))
    wrong = []
    for column, name in enumerate(names):
        try:
            values[:, column] = [parse(cell) for cell in table.cells[name]]
        except ValueError:
            wrong.append(_place(table, name))
            values[:, column] = 0.0
    if wrong:
        raise LabbookError(
            f"{table.source}: text where a number is needed: {some(wrong)}. {remedy}; numbers have "
            "a decimal point and no other signs (1234.5)."
        )
    _refuse_infinite(table, names, values)
    return values


def _place(table: Columns, name: str) -> str:
    for line, cell in zip(table.lines, table.cells[name], strict=True):
        try:
            parse(cell)
        except ValueError:
            return f"column {name!r}, line {line}: {cell[:40]!r}"
    raise AssertionError(name)


def _refuse_infinite(table: Columns, names: Sequence[str], values: np.ndarray) -> None:
    places = np.argwhere(np.isinf(values))
    if len(places):
        row, column = places[0]
        raise LabbookError(
            f"{table.source}, line {table.lines[row]}, column {names[column]!r}: "
            f"{table.cells[names[column]][row].strip()!r} is not a finite number"
            f"{f' (one of {len(places)} such fields)' if len(places) > 1 else ''}. "
            "Correct it, or leave the field empty and set `missing: median`."
        )


def refuse_missing(source: str, names: Sequence[str], counts: Sequence[int], remedy: str) -> None:
    """Raise `LabbookError` with the count of empty fields per column, if there are any."""
    columns = [f"{name!r} {n}" for name, n in zip(names, counts, strict=True) if n]
    if columns:
        raise LabbookError(
            f"{source}: has {sum(counts)} empty fields, by column: {some(columns)}. {remedy}"
        )
