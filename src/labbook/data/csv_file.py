"""CSV files and the numbers in them, or messages with the line, the column, and what to do."""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from io import StringIO
from pathlib import Path

import numpy as np

from labbook.errors import LabbookError, together
from labbook.files import CONTENT_BYTES, read_bytes

DELIMITERS = {",": "','", ";": "';'", "\t": "'\\t' (tab)", "|": "'|'"}
SHOWN = 6  # names or places in one message
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none"})
FEATURE = (
    "List such a column under `categorical` to have a 0/1 column per category, or under `drop` to "
    "leave it out"
)
TARGET = (
    "That is the target: if its values are classes, set `task: classification`; if it is a "
    "quantity, correct these fields or remove their rows"
)


@dataclass(frozen=True)
class Columns:
    """A file's cells as text: `cells[name]` has one per row, `lines` the rows' line numbers."""

    source: str  # what messages call the file
    cells: dict[str, tuple[str, ...]]
    lines: tuple[int, ...]
    written: dict[str, str]  # a column's name in the file, where repeated ones are numbered

    def require(self, names: Iterable[str], setting: str) -> None:
        """Refuse names that no column has; `setting` is the key of params.yaml that has them."""
        together(*(partial(self._require, name, setting) for name in names))

    def _require(self, name: str, setting: str) -> None:
        if name not in self.cells:
            raise LabbookError(
                f"{self.source}: has no column {name!r}, which `{setting}` names. "
                f"{names_like(name, list(self.cells))}"
            )


def names_like(name: str, names: Sequence[str]) -> str:
    """A sentence with the names most like `name`, or with the first names there are."""
    close = get_close_matches(name, names, SHOWN) or [n for n in names if name in n][:SHOWN]
    if close:
        return f"Nearest names: {', '.join(close)}."
    return f"Names there are: {some(names)}."


def some(items: Sequence[str]) -> str:
    """The first few of `items` in a sentence."""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more


# ---- from a file to cells


def read_table(
    path: Path, *, delimiter: str = ",", repeated: str = "refuse", source: str | None = None
) -> Columns:
    """Read a CSV file whose first line names the columns; blank lines are passed over.

    `repeated` is "refuse" or "number" (cli, cli.1, cli.2, as pandas does). Raises `LabbookError`
    where the file is not UTF-8, empty, cut off, or its lines differ in their number of fields.
    """
    source = source or str(path)
    try:
        content = read_bytes(Path(path), CONTENT_BYTES)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise LabbookError(f"{source}: cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LabbookError(
            f"{source}, line {line}: is not UTF-8 text (byte {content[error.start]:#04x}). "
            "Save the file as CSV in UTF-8."
        ) from error
    names, rows, lines = _parse(text, delimiter, source)
    if not names:
        raise LabbookError(f"{source}: is empty. Its first line must name the columns.")
    if not rows:
        raise LabbookError(f"{source}: has column names and no row below them.")
    named = [name or f"Unnamed: {i}" for i, name in enumerate(names)]  # as pandas calls them
    unique = _unique(named, repeated, source)
    cells = dict(zip(unique, zip(*rows, strict=True), strict=True))
    return Columns(source, cells, tuple(lines), dict(zip(unique, named, strict=True)))


def _parse(text: str, delimiter: str, source: str) -> tuple[list[str], list[list[str]], list[int]]:
    """The names of the columns, the fields of each row, and the rows' line numbers."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    rows, lines = [], []
    try:
        for fields in filter(None, reader):
            if not names:
                names = [name.strip() for name in fields]
                likely = [d for d in DELIMITERS if d != delimiter and d in names[0]]
                if len(names) == 1 and likely:
                    raise LabbookError(
                        f"{source}: has a single column when split at {delimiter!r}, and its first "
                        f"line has {DELIMITERS[likely[0]]}. Set `delimiter` to that in params.yaml."
                    )
                continue
            if len(fields) != len(names):
                count = f"{len(fields)} fields" if len(fields) != 1 else "1 field"
                raise LabbookError(
                    f"{source}, line {reader.line_num}: has {count} where the first line names "
                    f"{len(names)} columns. Perhaps the file was cut off, or a text with the "
                    "delimiter in it lacks quotation marks. The line begins: "
                    f"{', '.join(fields)[:60]!r}"
                )
            rows.append(fields)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise LabbookError(
            f"{source}, line {reader.line_num}: is not CSV ({error}). "
            "Perhaps a quotation mark is never closed, or the file was cut off."
        ) from error
    return names, rows, lines


def _unique(named: list[str], repeated: str, source: str) -> list[str]:
    twice = sorted(name for name, count in Counter(named).items() if count > 1)
    if twice and repeated == "refuse":
        raise LabbookError(
            f"{source}: has columns of the same name: {some(twice)}. Rename them, or set "
            "`repeated_columns: number` to have them called name, name.1, name.2."
        )
    taken, unique = set(named), []
    numbers: dict[str, int] = {}  # by name, what its next repetition is tried with
    for name in named:
        number, numbered = numbers.get(name, 0), name
        while number and numbered in taken:
            numbered, number = f"{name}.{number}", number + 1
        numbers[name] = max(number, 1)
        taken.add(numbered)
        unique.append(numbered)
    return unique


# ---- from cells to numbers


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
        for row, (line, cell) in enumerate(zip(table.lines, table.cells[name], strict=True)):
            try:
                values[row, column] = parse(cell)
            except ValueError:
                wrong.append(f"column {name!r}, line {line}: {cell[:40]!r}")
                break
    if wrong:
        raise LabbookError(
            f"{table.source}: text where a number is needed: {some(wrong)}. {remedy}; numbers have "
            "a decimal point and no other signs (1234.5)."
        )
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        row, column = infinite[0]
        raise LabbookError(
            f"{table.source}, line {table.lines[row]}, column {names[column]!r}: "
            f"{table.cells[names[column]][row].strip()!r} is not a finite number"
            f"{f' (one of {len(infinite)} such fields)' if len(infinite) > 1 else ''}. "
            "Correct it, or leave the field empty and set `missing: median`."
        )
    return values


def refuse_missing(source: str, names: Sequence[str], counts: Sequence[int], remedy: str) -> None:
    """Raise `LabbookError` with the count of empty fields per column, if there are any."""
    columns = [f"{name!r} {n}" for name, n in zip(names, counts, strict=True) if n]
    if columns:
        raise LabbookError(
            f"{source}: has {sum(counts)} empty fields, by column: {some(columns)}. {remedy}"
        )
