"""From the columns of a file to columns of numbers, for training rows and new rows alike.

Nothing is fitted here: what follows from the training part of a split is in `fitted.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from labbook.data.dates import names_of_parts, numbers_of_dates
from labbook.errors import LabbookError

if TYPE_CHECKING:  # reading takes libraries that training does without
    from labbook.data.table_file import TableFile

MISSING, RARE = "(missing)", "(rare)"
SHOWN = 6  # levels in one message


@dataclass(frozen=True)
class Encoding:
    """How one column of the file becomes columns of numbers.

    A "number" stays. A "category" has a 0/1 column for each of its `levels`; an "ordinal" is the
    place of its value among them. A "date" has the `parts` that were asked for. An empty field is
    NaN, to be filled by what the training part says; of a category it is 0 everywhere unless
    `filled`. `indicator` adds a 0/1 column that says where a field is empty, `rare` one for
    categories that are not among the levels, and for those with few training rows.
    """

    name: str
    kind: str  # "number", "category", "ordinal" or "date"
    levels: tuple[str, ...] = ()
    format: str | None = None  # of dates; None for ISO 8601
    parts: tuple[str, ...] = ()
    filled: bool = False
    indicator: bool = False
    rare: bool = False

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns that it becomes."""
        if self.kind == "category":
            names = [f"{self.name}={level}" for level in self.levels]
        elif self.kind == "date":
            names = list(names_of_parts(self.name, self.parts))
        else:
            names = [self.name]
        more = [(self.indicator, MISSING), (self.rare, RARE)]
        return (*names, *(f"{self.name}={mark}" for wanted, mark in more if wanted))


def needed(encodings: Sequence[Encoding]) -> tuple[list[str], list[str]]:
    """Names of the file's columns to be read as numbers, and of those to be read as texts."""
    numbers = [one.name for one in encodings if one.kind == "number"]
    return numbers, [one.name for one in encodings if one.kind != "number"]


def names_of(encodings: Sequence[Encoding]) -> tuple[str, ...]:
    """The names of all columns that they become."""
    return tuple(name for one in encodings for name in one.feature_names)


def blocks(encodings: Sequence[Encoding]) -> Iterator[tuple[Encoding, slice]]:
    """Each encoding, and where its columns stand among all of them."""
    begin = 0
    for one in encodings:
        end = begin + len(one.feature_names)
        yield one, slice(begin, end)
        begin = end


def encode(encodings: Sequence[Encoding], table: "TableFile") -> np.ndarray:
    """The rows of a file as numbers: (rows, columns) float64, NaN where something is to be filled.

    Raises `LabbookError` for values of ordinals and dates that are none, with their place.
    """
    features = np.zeros((table.rows, len(names_of(encodings))))
    for one, at in blocks(encodings):
        _encode(one, table, features[:, at])
    return features


def _encode(one: Encoding, table: "TableFile", out: np.ndarray) -> None:
    """Fill the columns of one encoding, `out` (rows, columns), which are 0."""
    if one.kind == "category":
        _encode_category(one, table.texts[one.name], out)
        return
    if one.kind == "number":
        values = table.numbers[one.name][:, None]
    elif one.kind == "ordinal":
        values = _ranks(one, table)[:, None]
    else:
        values = numbers_of_dates(one.name, one.format, one.parts, table)
    out[:, : values.shape[1]] = values
    if one.indicator:
        out[:, -1] = np.isnan(values[:, 0])


def _encode_category(one: Encoding, texts: np.ndarray, out: np.ndarray) -> None:
    """A 1 in the column of each row's level."""
    place = {level: number for number, level in enumerate(one.levels)}
    if one.indicator:
        place[""] = len(one.levels)
    other = out.shape[1] - 1 if one.rare else -1
    column = np.fromiter((place.get(text, other) for text in texts), np.int64, len(texts))
    empty = np.fromiter((not text for text in texts), bool, len(texts))
    if not one.indicator:
        column[empty] = -1
    rows = np.flatnonzero(column >= 0)
    out[rows, column[rows]] = 1.0
    if one.filled:
        out[empty] = np.nan


def _ranks(one: Encoding, table: "TableFile") -> np.ndarray:
    """0, 1, 2 by the order of the levels: (rows,), NaN where empty."""
    ranks: dict[str, float] = {level: float(number) for number, level in enumerate(one.levels)}
    ranks[""] = np.nan
    texts = table.texts[one.name]
    unknown = [row for row, text in enumerate(texts) if text not in ranks]
    if unknown:
        text = texts[unknown[0]]
        levels = list(one.levels)
        close = get_close_matches(text, levels) or [v for v in levels if v.lower() == text.lower()]
        near = f"The nearest is {close[0]!r}" if close else f"They are {', '.join(levels[:SHOWN])}"
        raise LabbookError(
            f"{table.source}, {table.place(unknown[0])}, column {one.name!r}: {text[:40]!r} is "
            f"none of its {len(levels)} values under `ordinal` ({len(unknown):,} such fields). "
            f"{near}. Add it there at its place, or correct the file."
        )
    return np.fromiter((ranks[text] for text in texts), float, len(texts))
