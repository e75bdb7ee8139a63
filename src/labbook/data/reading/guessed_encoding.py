"""A guess at how the letters of a text file are bytes."""

import codecs
from pathlib import Path
from typing import Any

from labbook.data.reading.kinds_of_file import OFTEN, UTF_16

BLOCK = 1_000_000
LOOKED_AT = 300_000_000  # bytes, for one that is no UTF-8
SAMPLE = 100_000


def guess_encoding(path: Path) -> dict[str, tuple[Any, str]]:
    """The setting `encoding` with its reason; nothing for UTF-8."""
    with path.open("rb") as file:
        start = file.read(SAMPLE)
    if start.startswith(UTF_16):
        return {"encoding": ("utf-16", "the file begins with the mark of UTF-16")}
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if zeros.count(0) > OFTEN * len(start):
            return {"encoding": (name, "every other byte is zero, as in UTF-16")}
    place = _first_odd_byte(path)
    if place is None:
        return {}
    line, byte = place
    reason = f"line {line} has the byte {byte:#04x}, which UTF-8 has not there"
    name = "cp1252" if _decodes(path, "cp1252") else "latin-1"
    return {"encoding": (name, f"{reason}; the usual one of old programs under Windows")}


def _first_odd_byte(path: Path) -> tuple[int, int] | None:
    """The line and the byte that is not UTF-8, or None."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    with path.open("rb") as file:
        for _ in range(LOOKED_AT // BLOCK):
            block = file.read(BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                return line, error.object[error.start]
            line += block.count(b"\n")
            if not block:
                break
    return None


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        for _ in range(LOOKED_AT // BLOCK):
            block = file.read(BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError:
                return False
            if not block:
                break
    return True
