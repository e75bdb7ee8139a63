"""Fields of a column become numbers or texts, by the marks and signs of its form."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from labbook.params.tables import Form

USUAL = frozenset({"na", "n/a", "nan", "null", "none"})  # marks where none are given, any case
SPELT = tuple(spelt(mark) for mark in sorted(USUAL) for spelt in (str.lower, str.upper, str.title))
FEW = 1_000  # fields at a time: pyarrow takes half a second to import
SPACES = str.maketrans("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}", "   ")


@dataclass(frozen=True)
class Cells:
    """How the fields of one column are to be understood."""

    marks: tuple[str, ...] | None  # beside empty fields; None: the usual ones
    decimal: str = "."
    thousands: str | None = None

    @classmethod
    def of(cls, form: Form, column: str) -> "Cells":
        """Those of a column by its name."""
        marks = form.missing_marks
        if isinstance(marks, dict):
            marks = marks.get(column)
        return cls(None if marks is None else tuple(map(str, marks)), form.decimal, form.thousands)

    def missing(self, text: str) -> bool:
        """Whether a field without blanks around it stands for an unknown value."""
        return not text or (text.lower() in USUAL if self.marks is None else text in self.marks)

    def text(self, field: str) -> str:
        """A field without blanks around it, "" where it stands for an unknown value."""
        text = field.strip()
        return "" if self.missing(text) else text

    def number(self, field: str) -> float:
        """The number in a field, NaN where it is missing. Raises ValueError for other text."""
        text = self.text(field)
        if not text:
            return math.nan
        value = float(self._with_a_point(text))
        if math.isnan(value):
            raise ValueError(text)
        return math.nan if value in self._numeric_marks else value

    def numbers(self, fields: Sequence[str] | np.ndarray) -> np.ndarray:
        """`number` of each of the fields (rows,). Raises ValueError where one has none.

        pyarrow reads them all at once, with the same bits as Python; what it does not take has
        its turn one by one.
        """
        if isinstance(fields, np.ndarray):
            quick: np.ndarray | None = fields.copy()
        else:
            one_by_one = self.thousands or len(fields) < FEW
            quick = None if one_by_one else self._at_once(fields)
        if quick is None:
            return np.array([self.number(field) for field in fields], np.float64)
        for mark in self._numeric_marks:
            quick[quick == mark] = np.nan
        return quick

    def _at_once(self, fields: Sequence[str]) -> np.ndarray | None:
        """The numbers (rows,), or None where one is written in an unusual way."""
        import pyarrow as pa
        import pyarrow.compute as pc

        marks = SPELT if self.marks is None else self.marks
        try:
            texts = pc.utf8_trim_whitespace(_arrow(fields))
            if self.decimal == ",":
                if pc.any(pc.match_substring(texts, ".")).as_py():
                    return None
                texts = pc.replace_substring(texts, ",", ".")
            unknown = pc.is_in(texts, _arrow(["", *marks]))
            values = pc.if_else(unknown, _arrow(["nan"])[0], texts).cast(pa.float64())
        except (pa.ArrowInvalid, UnicodeError):
            return None
        numbers = np.frombuffer(values.buffers()[1], np.float64, len(values)).copy()
        written_so = int(np.isnan(numbers).sum()) != pc.sum(unknown).as_py()  # "nan" and no mark
        return None if written_so else numbers

    def _with_a_point(self, text: str) -> str:
        """A number as Python writes it. Raises ValueError where its signs are not of this form."""
        if "_" in text:  # Python's own way to write 1_000
            raise ValueError(text)
        if self.thousands:
            text = text.translate(SPACES)
            whole, point, rest = text.partition(self.decimal)
            if self.thousands in whole:
                if not re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(self.thousands)}\d{{3}})+", whole):
                    raise ValueError(text)
                text = whole.replace(self.thousands, "") + point + rest
        if self.decimal == ",":
            if "." in text:
                raise ValueError(text)
            text = text.replace(",", ".")
        return text

    @cached_property
    def _numeric_marks(self) -> tuple[float, ...]:
        """Marks that are numbers: -200 stands for -200.0, too."""
        values = []
        for mark in self.marks or ():
            try:
                values.append(float(self._with_a_point(mark)))
            except ValueError:
                continue
        return tuple(value for value in values if math.isfinite(value))


def _arrow(texts: Sequence[str]) -> Any:
    """An array of pyarrow; its own function for that imports pandas, which takes a second."""
    import pyarrow as pa

    letters = "".join(texts)
    lengths: Iterable[int] = map(len, texts)
    if not letters.isascii():
        lengths = (len(text.encode()) for text in texts)
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, len(texts)), out=ends[1:])
    buffers = pa.py_buffer(ends), pa.py_buffer(letters.encode())
    return pa.LargeStringArray.from_buffers(len(texts), *buffers)


class Texts(dict[str, str]):
    """The texts of a column by its fields: equal ones are kept once."""

    def __init__(self, cells: Cells) -> None:
        super().__init__()
        self._cells = cells

    def __missing__(self, field: str) -> str:
        self[field] = self._cells.text(field)
        return self[field]
