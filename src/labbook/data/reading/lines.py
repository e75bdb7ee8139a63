"""The lines of a text file, one after the other: decoded, counted, never too long."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from labbook.errors import LabbookError
from labbook.params.tables import Form

LONGEST = 20_000_000  # characters of a line: many times what a million columns of numbers need
BLOCK = 1_000_000
MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # at the beginning of a file


class Lines:
    """An iterator over the lines below the title; `number` is that of the last line.

    Comments are passed over where `fresh` says that no row has begun: the reader of rows sets it.
    """

    def __init__(self, path: Path, form: Form, source: str) -> None:
        self.path, self.form, self.source = path, form, source
        self.encoding = codec(form.encoding, source)
        self.number = 0
        self.fresh = True
        self._lines = self._read()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            if self.form.comment and self.fresh and line.startswith(self.form.comment):
                continue
            self.fresh = False
            return line
        raise StopIteration

    def _read(self) -> Iterator[str]:
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                while line := file.readline(LONGEST):
                    self.number += 1
                    self._check(line)
                    if self.number > self.form.skip_lines:
                        yield line
        except OSError as error:
            raise LabbookError(
                f"{self.source}: cannot be read ({error.strerror or error})."
            ) from error
        except UnicodeError as error:
            raise not_decoded(self.path, self.encoding, self.source) from error

    def _check(self, line: str) -> None:
        if len(line) == LONGEST and not line.endswith(("\n", "\r")):
            raise LabbookError(
                f"{self.source}, line {self.number}: is longer than {LONGEST:,} characters. A "
                "table has one row a line: save it so, or check that this is a table."
            )
        if "\0" in line:
            raise LabbookError(
                f"{self.source}, line {self.number}: has a NUL byte, which no text has. If the "
                "file is text in UTF-16, set `encoding: utf-16`; if it was damaged, get it anew; "
                "else save it as CSV, Excel (.xlsx) or Parquet."
            )


def codec(encoding: str, source: str) -> str:
    """Python's name of an encoding; of UTF-8 the one that passes over a mark at the beginning."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # refused where it is none of texts
    except (LookupError, ValueError, TypeError) as error:
        raise LabbookError(
            f"{source}: encoding: {encoding!r} is not known. Usual ones: utf-8, utf-16, cp1252, "
            "latin-1, shift_jis, gb18030."
        ) from error
    return "utf-8-sig" if name == "utf-8" else name


def not_decoded(path: Path, encoding: str, source: str) -> LabbookError:
    """The message for a file that is not in its encoding, with the line and byte of the first."""
    shown = encoding.removesuffix("-sig").upper()
    decoder = codecs.getincrementaldecoder(encoding)()
    line, place = 1, ""
    with path.open("rb") as file:
        mark = MARKS.get(file.read(2))
        file.seek(0)
        while True:
            block = file.read(BLOCK)
            try:
                line += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, "ignore")
                line += before.count("\n")
                place = f" (byte {error.object[error.start]:#04x})"
                break
            except UnicodeError:
                break
            if not block:
                break
    advice = f"Set `encoding: {mark or 'cp1252'}`"
    if mark is None and encoding != "utf-8-sig":
        advice = "Set another `encoding`, such as utf-8"
    return LabbookError(
        f"{source}, line {line}: is not {shown} text{place}. {advice} in params.yaml if that is "
        "what it was saved in, or save the file in UTF-8."
    )
