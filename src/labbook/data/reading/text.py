"""Text with one row a line: CSV, TSV, columns between blanks.

The standard library's reader splits lines, since pandas is not strict: it fills short rows without
a word, takes a quotation mark that never closes, and cuts a text at the sign of a comment.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NoReturn

from labbook.data.reading.lines import Lines
from labbook.data.reading.rows import CHUNK, Fields
from labbook.errors import LabbookError
from labbook.params import limits
from labbook.params.tables import Form
from labbook.wording import count

DELIMITERS = {",": "','", ";": "';'", "\t": "'\\t' (tab)", "|": "'|'"}
WHITESPACE = "whitespace"
CELLS_AT_ONCE = 1_000_000  # of wide tables fewer rows are read at a time
BLANKS = re.compile(r'("(?:[^"]|"")*")|\s+')


class TextRows:
    """A text file as rows of fields; see `Rows`."""

    def __init__(self, path: Path, form: Form, source: str) -> None:
        self.path, self.form, self.source = path, form, source
        self.delimiter = "\t" if form.delimiter == WHITESPACE else form.delimiter
        first = next(self._read(), (0, []))[1]
        if not first:
            raise LabbookError(f"{source}: is empty. Its first line must name the columns.")
        self._check_width(first)
        self.named = [name.strip() or f"Unnamed: {i}" for i, name in enumerate(first)]
        if not form.header:
            self.named = [str(i + 1) for i in range(len(first))]

    def chunks(self, columns: Sequence[int]) -> Iterator[list[Fields]]:
        """The fields of these columns, some rows at a time. Raises `LabbookError` for odd rows."""
        lines = Lines(self.path, self.form, self.source)
        reader = self._reader(lines)
        width, before, header = len(self.named), 0, self.form.header
        most = max(1, min(CHUNK, CELLS_AT_ONCE // width))
        while True:
            try:
                rows = list(islice(reader, most + header))
            except csv.Error as error:
                self._not_closed(error)
            if not rows:
                return
            rows, header = rows[header:], False
            if set(map(len, rows)) - {width}:
                self._wrong_width(before + next(i for i, r in enumerate(rows) if len(r) != width))
            before += len(rows)
            if rows:
                yield [[row[column] for row in rows] for column in columns]

    def find(self, row: int) -> tuple[str, Sequence[str]]:
        """The line of a row, and its fields."""
        number, fields = next(islice(self._read(), row + self.form.header, None), (0, []))
        return f"line {number}", fields

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with the number of its last line, the names first."""
        lines = Lines(self.path, self.form, self.source)
        last = 1
        try:
            for fields in self._reader(lines):
                last = lines.number + 1
                yield lines.number, fields
        except csv.Error as error:
            raise LabbookError(
                f"{self.source}, line {lines.number}: is not CSV ({error}). Perhaps a quotation "
                f"mark is never closed (look from line {last} on), or the file was cut off."
            ) from error

    def _reader(self, lines: Lines) -> Iterator[list[str]]:
        """Rows but those with all fields empty: blank lines, and the ends of spreadsheets."""
        blank = self.form.delimiter == WHITESPACE
        source = map(between_tabs, lines) if blank else lines
        rows = csv.reader(source, delimiter=self.delimiter, strict=True)
        return filter(any, _afresh(rows, lines) if self.form.comment else rows)

    def _check_width(self, first: list[str]) -> None:
        if len(first) > limits.COLUMNS:
            raise LabbookError(
                f"{self.source}: has {len(first):,} columns; the most is {limits.COLUMNS:,}. "
                "A table has one row a line and a column for each property."
            )
        text = first[0]
        likely = [d for d in DELIMITERS if d != self.form.delimiter and d in text]
        if len(first) == 1 and (likely or len(text.split()) > 2):
            raise LabbookError(
                f"{self.source}: has a single column when split at {self.form.delimiter!r}, and "
                f"its first line has {DELIMITERS[likely[0]] if likely else 'blanks'}. Set "
                f"`delimiter` to {'that' if likely else '`whitespace`'} in params.yaml."
            )

    def _not_closed(self, error: csv.Error) -> NoReturn:
        for _ in self._read():  # up to the same place, counting lines
            pass
        raise LabbookError(f"{self.source}: is not CSV ({error}).") from error

    def _wrong_width(self, row: int) -> NoReturn:
        place, fields = self.find(row)
        if row == 0 and len(fields) == len(self.named) + 1 and self.form.header:
            raise LabbookError(
                f"{self.source}, {place}: has one field more than the first line has names. Where "
                "rows begin with names of their own, as R writes them, put a name and a "
                f"{self.form.delimiter!r} before the first line; or quote a text with the "
                "delimiter in it."
            )
        named = "first line names" if self.form.header else "first line has"
        raise LabbookError(
            f"{self.source}, {place}: has {count(len(fields), 'field')} where the {named} "
            f"{len(self.named)} columns. Perhaps the file was cut off, or a text with the "
            "delimiter in it lacks quotation marks; lines above the table are passed over by "
            f"`skip_lines`. The line begins: {', '.join(fields)[:60]!r}"
        )


def _afresh(rows: Iterator[list[str]], lines: Lines) -> Iterator[list[str]]:
    """The rows, each beginning at a line that may be a comment."""
    while True:
        lines.fresh = True
        row = next(rows, None)
        if row is None:
            return
        yield row


def between_tabs(line: str) -> str:
    """A line with a tab in place of each run of blanks outside quotation marks."""
    if '"' not in line:
        return "\t".join(line.split())
    return BLANKS.sub(lambda found: found[1] or "\t", line.strip())
