"""Which kind of file a table is in, by its first bytes; or why it is none."""

from pathlib import Path

from labbook.data.reading.rows import Rows
from labbook.data.reading.text import TextRows
from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES, beginning
from labbook.params.tables import Form

HEAD = 4096
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
OFTEN = 0.3  # of the bytes of UTF-16 with western letters nearly half are zero
CONTROLS = bytes({*range(1, 9), *range(14, 27), *range(28, 32)})
EXCEL = b"PK\x03\x04"
PARQUET = b"PAR1"
UNPACK = "is compressed ({}). Unpack it, and give the table in it."
SAVE_AS = "Save it as .xlsx, CSV or Parquet."
OTHERS = {
    b"\x1f\x8b": UNPACK.format("gzip"),
    b"BZh": UNPACK.format("bzip2"),
    b"\xfd7zXZ": UNPACK.format("xz"),
    b"\x28\xb5\x2f\xfd": UNPACK.format("zstandard"),
    b"7z\xbc\xaf": UNPACK.format("7-zip"),
    b"Rar!": UNPACK.format("rar"),
    b"\xd0\xcf\x11\xe0": f"is an Excel file of the old kind (.xls). {SAVE_AS}",
    b"\x89HDF": f"is an HDF5 file. {SAVE_AS}",
    b"%PDF": f"is a PDF. {SAVE_AS}",
    b"SQLite format 3": f"is an SQLite database. {SAVE_AS}",
    b"ARROW1": f"is an Arrow (Feather) file. {SAVE_AS}",
}


def open_rows(path: Path, form: Form, source: str) -> Rows:
    """The table in a file. Raises `LabbookError` where it is none that labbook reads."""
    head = head_of(path, source)
    refuse_others(head, source)
    if head.startswith(EXCEL):
        from labbook.data.reading.excel import ExcelRows

        return ExcelRows(path, form, source)
    if head.startswith(PARQUET):
        from labbook.data.reading.parquet import ParquetRows

        return ParquetRows(path, form, source)
    return TextRows(path, form, source)


def refuse_others(head: bytes, source: str) -> None:
    """Raise `LabbookError` where the first bytes are those of another kind of file."""
    for mark, why in OTHERS.items():
        if head.startswith(mark):
            raise LabbookError(f"{source}: {why}")
    if 0 in head and not head.startswith((EXCEL, PARQUET, *UTF_16)) and _binary(head):
        raise LabbookError(
            f"{source}: has NUL bytes and others that no text has: a file of another kind, or a "
            f"damaged one. {SAVE_AS}"
        )
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise LabbookError(f"{source}: is a web page (HTML), not a table. {SAVE_AS}")


def _binary(head: bytes) -> bool:
    """Whether bytes are neither UTF-8 nor, with every other one zero, UTF-16 without a mark."""
    if max(head[::2].count(0), head[1::2].count(0)) > OFTEN * len(head):
        return False
    return any(byte in head for byte in CONTROLS) or not _utf_8(head)


def _utf_8(head: bytes) -> bool:
    try:
        head[:-3].decode()
    except UnicodeDecodeError:
        return False
    return True


def head_of(path: Path, source: str) -> bytes:
    """The first bytes of a file. Raises `LabbookError` where it is no plain file, or too large."""
    try:
        head = beginning(path, HEAD)
        size = path.stat().st_size
    except OSError as error:
        raise LabbookError(
            f"{source}: cannot be read ({error.strerror or error}). A table is a plain file."
        ) from error
    if size > CONTENT_BYTES:
        raise LabbookError(f"{source}: has {size:,} bytes; the most is {CONTENT_BYTES:,}.")
    return head
