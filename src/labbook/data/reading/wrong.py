"""What to say of text in a column of numbers: what it is, how often, where, and the ways out."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from labbook.data.reading.cells import Cells
from labbook.wording import count

DISTINCT = 1_000  # different texts that are counted
MOSTLY = 0.5  # from this share of a column on, text is what the column has
FEW_MARKS = 3
DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}.*)?|\d{1,2}[:.]\d{2}[:.]\d{2}"
)
DECIMAL_COMMA = re.compile(r"[+-]?\d{0,3}(\.?\d{3})*\d*,\d+([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d+)?")
UNIT = re.compile(r"[$€£]\s*[\d.,]+|[\d.,]+\s*(%|[A-Za-z$€£]{1,4})")


@dataclass
class Wrong:
    """The texts in a column of numbers: how many of which, and the first one's row."""

    name: str
    cells: Cells
    target: bool = False
    row: int = -1
    fields: int = 0
    rows: int = 0
    texts: Counter[str] = field(default_factory=Counter)

    def look(self, fields: Sequence[str], first: int) -> None:
        """Count those fields that are no numbers; `first` is the row of the first of them."""
        self.rows += len(fields)
        for i, text in enumerate(fields):
            try:
                self.cells.number(text)
            except ValueError:
                self.row = first + i if self.row < 0 else self.row
                self.fields += 1
                text = text.strip()[:40]
                if text in self.texts or len(self.texts) < DISTINCT:
                    self.texts[text] += 1

    def message(self, source: str, place: Callable[[int], str]) -> str:
        """The whole of it."""
        first = next(iter(self.texts))
        return (
            f"{source}: text where a number is needed: column {self.name!r}, {place(self.row)}: "
            f"{first!r}{'' if self._marked() else self._how_many()}. {self._way_out()}"
        )

    def _how_many(self) -> str:
        if self.fields == 1:
            return ""
        return f" (one of {count(self.fields, 'such field')} of {self.rows:,})"

    def _way_out(self) -> str:
        """The setting that most likely leads out."""
        texts = list(self.texts)
        if all(DATE.fullmatch(text) for text in texts):
            return self._role("It looks like dates: list the column under `dates`")
        if all(DECIMAL_COMMA.fullmatch(text) for text in texts) and self.cells.decimal == ".":
            thousands = all(THOUSANDS.fullmatch(text) for text in texts)
            if not thousands:
                return 'It looks like a decimal comma: set `decimal: ","`.'
        if all(THOUSANDS.fullmatch(text) for text in texts) and not self.cells.thousands:
            sign = next(c for c in texts[0] if c in ",' \u00a0\u202f")
            return f'It looks like a sign between thousands: set `thousands: "{_plain(sign)}"`.'
        if "." in texts[0] and self.cells.decimal == ",":
            return (
                "`decimal` is a comma here: leave it out for numbers with a point, or set "
                '`thousands: "."`.'
            )
        if all(UNIT.fullmatch(text) for text in texts):
            return "Write numbers without their unit (1234.5)" + self._else()
        if self._marked():
            return self._marks()
        return self._role("List it under `categorical` to have a 0/1 column per category")

    def _marked(self) -> bool:
        return len(self.texts) <= FEW_MARKS and self.fields < MOSTLY * self.rows

    def _marks(self) -> str:
        """A few texts among numbers: marks of unknown values, most likely."""
        several = "; ".join(
            f"{count(n, 'field')} {'is' if n == 1 else 'are'} {t!r}" for t, n in self.texts.items()
        )
        marks = [*(self.cells.marks or ()), *self.texts]
        shown = ", ".join("'" + mark.replace("'", "''") + "'" for mark in marks)
        return (
            f"{several}: if that stands for an unknown value, set `missing_marks: [{shown}]`"
            f"{self._else()}"
        )

    def _else(self) -> str:
        if self.target:
            return (
                ". That is the target: if its values are classes, set `task: classification`; "
                "rows where it is unknown cannot be learned from: remove them."
            )
        return "; else correct these fields, or list the column under `drop`."

    def _role(self, advice: str) -> str:
        if self.target:
            return (
                "That is the target: if its values are classes, set `task: classification`; if it "
                "is a quantity, correct these fields or remove their rows; numbers have a decimal "
                "point and no other signs (1234.5)."
            )
        return (
            f"{advice}, or under `drop` to leave it out; numbers have a decimal point and no other "
            "signs (1234.5)."
        )


def _plain(sign: str) -> str:
    return sign if sign in ",'" else " "
