"""A file with a table: the columns that are asked for, or messages with the place and a way out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from labbook.data.reading.cells import Cells, Texts
from labbook.data.reading.kinds_of_file import open_rows
from labbook.data.reading.names import require, some, unique
from labbook.data.reading.rows import Fields, Rows
from labbook.data.reading.wrong import Wrong
from labbook.errors import LabbookError, together
from labbook.params.tables import Form


@dataclass(frozen=True)
class TableFile:
    """Columns of a file: `numbers` (rows,) float64, NaN where a field is empty or a mark of
    missing values; `texts` (rows,) of str without blanks around, "" where so.
    """

    source: str  # what messages call the file
    rows: int
    names: tuple[str, ...]  # of all its columns
    numbers: dict[str, np.ndarray]
    texts: dict[str, np.ndarray]
    written: dict[str, str]  # a column's name in the file, where repeated ones are numbered
    place: Callable[[int], str]  # of a row: "line 17", "row 5 of sheet Data"


def column_names(path: Path, form: Form, source: str | None = None) -> tuple[str, ...]:
    """The names of the columns, no two the same; numbers from 1 where the file has none.

    Raises `LabbookError` where the file cannot be read or is no table.
    """
    rows = open_rows(Path(path), form, source or str(path))
    return tuple(unique(rows.named, form.repeated_columns, rows.source))


def read_table(
    path: Path,
    form: Form,
    *,
    numbers: Sequence[str] = (),
    texts: Sequence[str] = (),
    source: str | None = None,
    target: str | None = None,
    most: int | None = None,
) -> TableFile:
    """Read these columns of a file, of its first `most` rows, and keep nothing of the others.

    `target` is the one of the numbers that is to be predicted: advice about it is another. Raises
    `LabbookError` for all that is no number where one is needed, with its place, and for what is
    no table: no rows, rows of another length, quotation marks that never close.
    """
    rows = open_rows(Path(path), form, source or str(path))
    names = unique(rows.named, form.repeated_columns, rows.source)
    require(rows.source, names, [*numbers, *texts], "params.yaml")
    readers = [_Numbers(name, Cells.of(form, name), name == target) for name in numbers]
    others = [_Texts(Cells.of(form, name)) for name in texts]
    every: list[_Numbers | _Texts] = [*readers, *others]
    place_of = {name: column for column, name in enumerate(names)}
    columns = [place_of[name] for name in (*numbers, *texts)]
    count = 0
    for chunk in rows.chunks(columns or [0]):
        left = len(chunk[0]) if most is None else min(most - count, len(chunk[0]))
        for reader, fields in zip(every, chunk, strict=False):
            reader.take(fields[:left], count)
        count += left
        if count == most:
            break
    if not count:
        raise LabbookError(f"{rows.source}: has column names and no row below them.")

    def place(row: int) -> str:
        return rows.find(row)[0]

    together(*(partial(_refuse_text, reader, rows.source, place) for reader in readers))
    arrays = dict(zip(numbers, (reader.result() for reader in readers), strict=True))
    _refuse_infinite(rows, arrays, columns)
    return TableFile(
        source=rows.source,
        rows=count,
        names=tuple(names),
        numbers=arrays,
        texts=dict(zip(texts, (reader.result() for reader in others), strict=True)),
        written=dict(zip(names, rows.named, strict=True)),
        place=place,
    )


class _Numbers:
    """A column of numbers, as far as it has been read."""

    def __init__(self, name: str, cells: Cells, target: bool) -> None:
        self.cells, self.wrong = cells, Wrong(name, cells, target)
        self._parts: list[np.ndarray] = []

    def take(self, fields: Fields, first: int) -> None:
        """Read some more rows, of which `first` is the number of the first."""
        try:
            self._parts.append(self.cells.numbers(fields))
            self.wrong.rows += len(fields)
        except ValueError:
            self.wrong.look(_as_texts(fields), first)

    def result(self) -> np.ndarray:
        """All that was read (rows,); its parts are given up."""
        parts, self._parts = self._parts, []
        return np.concatenate(parts) if parts else np.empty(0)


class _Texts:
    """A column of texts, as far as it has been read."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._texts, self._parts = Texts(cells), list[np.ndarray]()

    def take(self, fields: Fields, first: int) -> None:
        if isinstance(fields, np.ndarray):
            fields = self.cells.numbers(fields)
        part = np.empty(len(fields), object)
        part[:] = [self._texts[field] for field in _as_texts(fields)]
        self._parts.append(part)

    def result(self) -> np.ndarray:
        parts, self._parts = self._parts, []
        return np.concatenate(parts) if parts else np.empty(0, object)


def _as_texts(fields: Fields) -> Sequence[str]:
    """Fields as a text file would have them."""
    if isinstance(fields, np.ndarray):
        return ["" if value != value else str(value) for value in fields.tolist()]
    return fields


def _refuse_text(reader: _Numbers, source: str, place: Callable[[int], str]) -> None:
    if reader.wrong.fields:
        raise LabbookError(reader.wrong.message(source, place))


def _refuse_infinite(rows: Rows, arrays: dict[str, np.ndarray], columns: Sequence[int]) -> None:
    """Raise `LabbookError` for the first number that is not finite, and how many there are."""
    wrong = {name: np.flatnonzero(np.isinf(values)) for name, values in arrays.items()}
    first = [(places[0], name) for name, places in wrong.items() if len(places)]
    if not first:
        return
    many = sum(map(len, wrong.values()))
    row, name = min(first, key=lambda found: found[0])
    place, fields = rows.find(int(row))
    text = str(fields[columns[list(arrays).index(name)]]).strip()[:40]
    others = [repr(other) for _, other in first]
    raise LabbookError(
        f"{rows.source}, {place}, column {name!r}: {text!r} is not a finite number"
        f"{f' (one of {many} such fields, columns {some(others)})' if many > 1 else ''}. "
        "Correct it, or leave the field empty and set `missing: median`."
    )
