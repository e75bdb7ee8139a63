"""A sheet of an Excel file (.xlsx) as rows of fields, one after the other."""

import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from labbook.data.reading.excel_cells import has_formulas, trimmed
from labbook.data.reading.names import some
from labbook.data.reading.rows import CHUNK, Fields
from labbook.errors import LabbookError
from labbook.params import limits
from labbook.params.tables import Form
from labbook.wording import count

UNPACKED = 2_000_000_000  # bytes, against files that unpack without end
TEXTS = 300_000_000  # of them those of the texts, which are all kept in memory
ROWS = 1_048_576  # Excel's own limit
Cells = tuple[Any, ...]
BROKEN = (
    OSError, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, ParseError,
    NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class ExcelRows:
    """A sheet; see `Rows`."""

    def __init__(self, path: Path, form: Form, source: str, *, look: bool = False) -> None:
        self.path, self.form, self.source = path, form, source
        self.sheet = ""
        self.named: list[str] = []
        self._refuse_bombs()
        if look:  # at all sheets, none of which has been chosen
            return
        self._refuse_formulas_without_values()
        first = next(self._read(), (0, []))[1]
        if not first:
            raise LabbookError(
                f"{source}: sheet {self.sheet!r} is empty. Its first row must name the columns; "
                "`sheet` says which one it is."
            )
        self.named = [name.strip() or f"Unnamed: {i}" for i, name in enumerate(first)]
        if not form.header:
            self.named = [str(i + 1) for i in range(len(first))]

    def chunks(self, columns: Sequence[int]) -> Iterator[list[Fields]]:
        """The fields of these columns, some rows at a time."""
        rows = islice(self._read(), int(self.form.header), None)
        while chunk := list(islice(rows, CHUNK)):
            fields = [self._whole(number, row) for number, row in chunk]
            yield [[row[column] for row in fields] for column in columns]

    def find(self, row: int) -> tuple[str, Sequence[str]]:
        """The row's number in the sheet, and its fields."""
        number, fields = next(islice(self._read(), row + self.form.header, None), (0, []))
        return f"row {number} of sheet {self.sheet}", fields

    def _whole(self, number: int, row: list[str]) -> list[str]:
        """A row with as many fields as there are columns."""
        width = len(self.named)
        if len(row) > width:
            raise LabbookError(
                f"{self.source}, row {number} of sheet {self.sheet}: has "
                f"{count(len(row), 'field')} where the first row has {count(width, 'column')}. If "
                "titles stand above the table, `skip_lines` passes over them; else give each "
                "column a name, or remove what stands beside the table."
            )
        return row + [""] * (width - len(row))

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not empty, from the names on, each with its number in the sheet."""
        for number, cells in enumerate(self._cells(values=True), 1):
            if number > ROWS:
                raise LabbookError(f"{self.source}: has more than {ROWS:,} rows; save it as CSV.")
            row = trimmed(cells, self.form.decimal)
            comment = self.form.comment and row and row[0].startswith(self.form.comment)
            if row and number > self.form.skip_lines and not comment:
                if len(row) > limits.COLUMNS:
                    raise LabbookError(f"{self.source}: has too many columns ({len(row):,}).")
                yield number, row

    def _cells(self, *, values: bool) -> Generator[Cells, None, None]:
        """The cells of each row: their values, or the formulas of those that have one."""
        from openpyxl import load_workbook

        with self.reading():
            with _quiet():
                book = load_workbook(self.path, read_only=True, data_only=values)
            try:
                sheet = self._choose(book)
                sheet.reset_dimensions()  # which other programs may have written wrong
                with closing(sheet.iter_rows(values_only=True)) as rows:
                    yield from _quietly(rows)
            finally:
                book.close()

    def _choose(self, book: Any) -> Any:
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        if not sheets:
            raise LabbookError(f"{self.source}: has no sheet with cells.")
        self.sheet = self.form.sheet or next(iter(sheets))
        if self.sheet not in sheets:
            raise LabbookError(
                f"{self.source}: has no sheet {self.sheet!r}, which `sheet` names. "
                f"Sheets: {some(list(sheets))}."
            )
        return sheets[self.sheet]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what the libraries say of a broken file into one message."""
        try:
            yield
        except BROKEN as error:
            raise LabbookError(
                f"{self.source}: is no whole Excel file ({str(error)[:100]}). Open it in Excel or "
                "LibreOffice and save it anew, as .xlsx or CSV."
            ) from error

    def _refuse_bombs(self) -> None:
        with self.reading(), zipfile.ZipFile(self.path) as packed:
            sizes = {file.filename: file.file_size for file in packed.infolist()}
        if "xl/workbook.xml" not in sizes:
            raise LabbookError(
                f"{self.source}: is a zip file and no Excel file (.xlsx). Unpack it and give the "
                "table in it; save tables of LibreOffice and .xlsb as .xlsx or CSV."
            )
        total, texts = sum(sizes.values()), sizes.get("xl/sharedStrings.xml", 0)
        if total > UNPACKED or texts > TEXTS:
            raise LabbookError(
                f"{self.source}: unpacks to {total:,} bytes, more than labbook reads of an Excel "
                "file. Save the sheet as CSV or Parquet."
            )

    def _refuse_formulas_without_values(self) -> None:
        """A formula that no program has computed looks like an empty cell."""
        with self.reading(), zipfile.ZipFile(self.path) as packed:
            names = [n for n in packed.namelist() if n.startswith("xl/worksheets/")]
            if not any(has_formulas(packed, name) for name in names):
                return
        cells = closing(self._cells(values=True)), closing(self._cells(values=False))
        with cells[0] as all_values, cells[1] as all_formulas:
            for number, row in enumerate(zip(all_values, all_formulas, strict=False), 1):
                self._refuse_formulas(number, *row)

    def _refuse_formulas(self, number: int, values: Cells, formulas: Cells) -> None:
        for value, formula in zip(values, formulas, strict=False):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                raise LabbookError(
                    f"{self.source}, row {number} of sheet {self.sheet}: the formula "
                    f"{formula[:40]!r} has no value yet. Open the file in Excel or LibreOffice "
                    "and save it: then its values are in it."
                )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's warnings of styles, extensions and dates; never across a `yield`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _quietly(rows: Iterator[Cells]) -> Iterator[Cells]:
    while True:
        with _quiet():
            row = next(rows, None)
        if row is None:
            return
        yield row


def first_rows(path: Path, source: str, most: int) -> dict[str, list[list[str]]]:
    """The first rows of each sheet, as texts."""
    from openpyxl import load_workbook

    whole = ExcelRows(path, Form(), source, look=True)
    with whole.reading():
        with _quiet():
            book = load_workbook(path, read_only=True, data_only=True)
        try:
            sheets = {}
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                with closing(sheet.iter_rows(values_only=True)) as rows:
                    sheets[sheet.title] = [
                        trimmed(row, ".") for row in islice(_quietly(rows), most)
                    ]
        finally:
            book.close()
    return sheets
