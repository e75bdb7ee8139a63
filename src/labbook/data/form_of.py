"""A guess at how a file is read, from its beginning, and what each setting of it rests on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labbook.data.reading import guessed_numbers, guessed_shape, guessed_signs
from labbook.data.reading.guessed_encoding import guess_encoding
from labbook.data.reading.kinds_of_file import EXCEL, PARQUET, head_of, open_rows, refuse_others
from labbook.data.reading.names import some
from labbook.data.table_file import column_names, read_table
from labbook.errors import LabbookError
from labbook.params.tables import Form

ROWS_SEEN = 20_000  # in which marks of missing values are looked for
CELLS_SEEN = 4_000_000
COLUMNS_SEEN = 2_000
Reasons = list[tuple[str, str]]


def guess_form(path: Path) -> tuple[Form, Reasons]:
    """The form of a file, and for each setting that is not as usual the reason in a clause.

    Raises `LabbookError` for a file that is no table at all.
    """
    path = Path(path)
    head = head_of(path, str(path))
    if head.startswith(PARQUET):
        found: dict[str, tuple[Any, str]] = {}
    elif head.startswith(EXCEL):
        found = _of_excel(path)
    else:
        refuse_others(head, str(path))
        found = guess_encoding(path)
        encoding = found["encoding"][0] if found else "utf-8"
        found |= guessed_shape.of_text(path, encoding)
    form = _form(found)
    found |= _repeated(path, form)
    found |= _of_columns(path, _form(found))
    return _form(found), [(setting, reason) for setting, (_, reason) in found.items()]


def _form(found: Mapping[str, tuple[Any, str]]) -> Form:
    return Form(**{setting: value for setting, (value, _) in found.items()})


def _repeated(path: Path, form: Form) -> dict[str, tuple[Any, str]]:
    """Names that several columns have are numbered."""
    names = open_rows(path, form, str(path)).named
    twice = sorted({name for name in names if names.count(name) > 1}) if len(names) < 5_000 else []
    if not twice:
        return {}
    return {"repeated_columns": ("number", f"several columns have the same name ({some(twice)})")}


def _of_columns(path: Path, form: Form) -> dict[str, tuple[Any, str]]:
    """Signs in numbers and marks of missing values, as the first rows have them."""
    plain = form.model_copy(update={"missing_marks": []})
    names = column_names(path, plain)[:COLUMNS_SEEN]
    most = max(100, min(ROWS_SEEN, CELLS_SEEN // len(names)))
    try:
        columns = read_table(path, plain, texts=names, most=most).texts
    except LabbookError as error:
        if "no row below" in str(error):
            raise
        return {}  # what is wrong is said when all of it is read
    texts = {name: list(column) for name, column in columns.items()}
    found = {} if _is_typed(path) else guessed_signs.signs(texts, form)
    signs = {setting: value for setting, (value, _) in found.items()}
    return found | guessed_numbers.marks(texts, form.model_copy(update=signs))


def _is_typed(path: Path) -> bool:
    """Whether the file says itself what is a number."""
    return head_of(path, str(path)).startswith((PARQUET, EXCEL))


def _of_excel(path: Path) -> dict[str, tuple[Any, str]]:
    """The sheet with the largest table among the first rows, and where it begins."""
    from labbook.data.reading.excel import first_rows

    sheets = first_rows(path, str(path), guessed_shape.LINES_SEEN)
    sizes = {name: _cells(rows) for name, rows in sheets.items()}
    first, best = next(iter(sheets)), max(sizes, key=lambda name: sizes[name])
    found = guessed_shape.of_rows(dict(enumerate(sheets[best], 1)))
    if best != first:
        found["sheet"] = (best, f"it has the most cells; the first sheet is {first!r}")
    return found


def _cells(rows: list[list[str]]) -> int:
    return sum(sum(map(bool, row)) for row in rows)
