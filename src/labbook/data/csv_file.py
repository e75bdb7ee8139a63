"""CSV files: read whole, or refused with the line, the column, and what to do about it."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from io import StringIO
from pathlib import Path

from labbook.errors import LabbookError, together
from labbook.files import CONTENT_BYTES, read_bytes

DELIMITERS = {",": "','", ";": "';'", "\t": "'\\t' (tab)", "|": "'|'"}
SHOWN = 6  # names or places in one message


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


def read_table(
    path: Path, *, delimiter: str = ",", repeated: str = "refuse", source: str | None = None
) -> Columns:
    """Read a CSV file whose first line names the columns; blank lines are passed over.

    `repeated` is "refuse" or "number" (cli, cli.1, cli.2, as pandas does). Raises `LabbookError`
    where the file is not UTF-8, empty, cut off, or its lines differ in their number of fields.
    """
    source = source or str(path)
    names, rows, lines = _parse(_text(path, source), delimiter, source)
    if not rows:
        raise LabbookError(f"{source}: has column names and no row below them.")
    named = [name or f"Unnamed: {i}" for i, name in enumerate(names)]  # as pandas calls them
    unique = _unique(named, repeated, source)
    cells = dict(zip(unique, zip(*rows, strict=True), strict=True))
    return Columns(source, cells, tuple(lines), dict(zip(unique, named, strict=True)))


def _text(path: Path, source: str) -> str:
    try:
        content = read_bytes(Path(path), CONTENT_BYTES)
    except OSError as error:
        raise LabbookError(f"{source}: cannot be read ({error.strerror or error}).") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LabbookError(
            f"{source}, line {line}: is not UTF-8 text (byte {content[error.start]:#04x}). "
            "Save the file as CSV in UTF-8."
        ) from error


def _parse(text: str, delimiter: str, source: str) -> tuple[list[str], list[list[str]], list[int]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    rows, lines = [], []
    try:
        for fields in reader:
            if not fields:
                continue
            if not names:
                names = [name.strip() for name in fields]
                _check_delimiter(names, delimiter, source)
                continue
            if len(fields) != len(names):
                raise LabbookError(_wrong_length(source, reader.line_num, fields, names))
            rows.append(fields)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise LabbookError(
            f"{source}, line {reader.line_num}: is not CSV ({error}). "
            "Perhaps a quotation mark is never closed, or the file was cut off."
        ) from error
    if not names:
        raise LabbookError(f"{source}: is empty. Its first line must name the columns.")
    return names, rows, lines


def _check_delimiter(names: list[str], delimiter: str, source: str) -> None:
    likely = [other for other in DELIMITERS if other != delimiter and other in names[0]]
    if len(names) == 1 and likely:
        raise LabbookError(
            f"{source}: has a single column when split at {delimiter!r}, and its first line has "
            f"{DELIMITERS[likely[0]]}. Set `delimiter` to that in params.yaml."
        )


def _wrong_length(source: str, line: int, fields: list[str], names: list[str]) -> str:
    found = f"{len(fields)} fields" if len(fields) != 1 else "1 field"
    return (
        f"{source}, line {line}: has {found} where the first line names "
        f"{len(names)} columns. Perhaps the file was cut off, or a text with the delimiter in it "
        f"lacks quotation marks. The line begins: {', '.join(fields)[:60]!r}"
    )


def _unique(named: list[str], repeated: str, source: str) -> list[str]:
    twice = sorted(name for name, count in Counter(named).items() if count > 1)
    if twice and repeated == "refuse":
        raise LabbookError(
            f"{source}: has columns of the same name: {some(twice)}. Rename them, or set "
            "`repeated_columns: number` to have them called name, name.1, name.2."
        )
    taken, result = set(named), []
    seen: dict[str, int] = {}
    for name in named:
        number = seen.get(name, 0)
        unique = name
        while number and unique in taken:
            unique, number = f"{name}.{number}", number + 1
        seen[name] = max(number, 1)
        taken.add(unique)
        result.append(unique)
    return result


def some(items: Sequence[str]) -> str:
    """The first few of `items` in a sentence."""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more
