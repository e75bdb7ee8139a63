"""What a table of the page says: its cells, as people read them and as programs do.

The page's scripts do the same (`scripts/table_rows.js`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from labbook.wording import NOTHING

NUMBER = r"[−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:×10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
HEADS = ("{0}", "{0} low", "{0} high")
RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"


@dataclass
class Cell:
    """What a cell says: its text, remarks beside it (`best`), and what only screen readers hear."""

    attributes: dict[str, str | None] = field(default_factory=dict)
    text: str = ""
    remarks: list[str] = field(default_factory=list)
    label: str = ""

    @property
    def shown(self) -> str:
        """Its text as people read it, with its remarks."""
        return f"{self.text} ({'; '.join(self.remarks)})" if self.remarks else self.text


@dataclass
class Table:
    """A table of the page: its caption, and its columns of cells with the heads first.

    `said` gives the words of the report's language for those of page scripts.
    """

    caption: str = ""
    cells: list[list[Cell]] = field(default_factory=list)
    said: Callable[[str], str] = str

    @property
    def columns(self) -> list[list[Cell]]:
        """The columns in which something is written."""
        columns = [list(column) for column in zip(*self.cells, strict=True)]
        return [column for column in columns if any(cell.text for cell in column[1:])]

    @property
    def rows(self) -> list[list[str]]:
        """Heads and rows as they are shown."""
        return _turned([[cell.shown for cell in column] for column in self.columns])

    @property
    def data(self) -> list[list[str]]:
        """The same for programs: plain numbers, ends of intervals apart, and so remarks."""
        before, all_columns = "", []
        for head, *cells in self.columns:
            # An interval alone is that of the column before.
            if head.attributes.get("data-ends") != "alone":
                before = head.text
                if "data-factor" in head.attributes:
                    before = self.said("{0} (factor)").replace("{0}", before)
            all_columns += self._apart(head, cells, before)
        return _turned(all_columns)

    def _apart(self, head: Cell, cells: Sequence[Cell], name: str) -> list[list[str]]:
        """A column as one or several, each with its head."""
        ends, factor = head.attributes.get("data-ends"), "data-factor" in head.attributes
        found = []
        if any(cell.label for cell in cells):
            found.append([self.said("Combination"), *(cell.label for cell in cells)])
        if not ends:
            found.append([name, *(_value(cell, _plain(cell.text, factor)) for cell in cells)])
        else:
            parts = [self._parts(cell, ends, factor) for cell in cells]
            heads = [self.said(words).replace("{0}", name) for words in HEADS]
            found += _turned([heads, *parts])[ends == "alone" :]
        if any(cell.remarks for cell in cells):
            found.append([self.said("Remarks"), *("; ".join(cell.remarks) for cell in cells)])
        return found

    def _parts(self, cell: Cell, ends: str, factor: bool) -> list[str]:
        """A number and the ends of its interval, empty where there is none."""
        numbers = re.findall(NUMBER, cell.text)
        found = [_bare(one, "%" in cell.text, factor) for one in numbers]
        first = found.pop(0) if found and ends == "beside" else ""
        if len(found) == 1:
            pieces = self.said("from {0} up").split("{0}")
            from_here = all(piece.strip() in cell.text for piece in pieces)
            found.insert(1 if from_here else 0, "")
        return [_value(cell, first), *[*found, "", ""][:2]]


def _turned(lines: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(line) for line in zip(*lines, strict=True)]


def _value(cell: Cell, text: str) -> str:
    """The number that a cell has to sort by, else this text."""
    value = cell.attributes.get("data-value")
    return text if value is None else value


def _plain(text: str, factor: bool) -> str:
    """A text that is a number as programs write it, none for a dash; any other text as it is."""
    if text == NOTHING:
        return ""
    whole = re.fullmatch(rf"[×+]?({NUMBER})\s?%?", text)
    return _bare(whole[1], "%" in text, factor) if whole else text


def _bare(text: str, percent: bool, factor: bool) -> str:
    """`−1,200` as `-1200`, `2×10⁻⁵` as `2e-5`, `30 %` as `0.30`, as a factor `−8 %` as `0.92`."""
    digits, _, power = text.replace("−", "-").replace(",", "").partition("×10")
    if percent:
        places = len(digits.partition(".")[2])
        return f"{float(digits) / 100 + factor:.{places + 2}f}"
    return f"{digits}e{lowered(power)}" if power else digits


def lowered(power: str) -> str:
    """An exponent in raised digits as a plain one."""
    return "".join("-0123456789"[RAISED.index(one)] for one in power)
