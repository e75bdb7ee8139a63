"""Reads the tables that have a name from the page's HTML."""

from collections.abc import Sequence
from html.parser import HTMLParser

from labbook.languages.language import Language
from labbook.report.table_columns import Cell, Table

REMARKS, LABEL, SILENT = {"tag", "sub"}, {"unseen"}, {"summary", "svg"}


class TableReader(HTMLParser):
    """Reads the tables that have a name."""

    def __init__(self, words: Language | None) -> None:
        super().__init__()
        self.tables: dict[str, Table] = {}
        self._words = words.scripts if words else {}
        self._table: Table | None = None
        self._cell: Cell | None = None
        self._texts: dict[str, list[str]] = {}  # of a cell, by what they are
        self._kinds: list[str] = []  # of the open elements of a cell

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table begins, a row, a cell, or a part of one."""
        attributes = dict(attrs)
        if tag == "table" and (name := attributes.get("data-table")):
            self._table = self.tables[name] = Table(said=lambda word: self._words.get(word, word))
        elif self._table is None:
            return
        elif tag == "tr":
            self._table.cells.append([])
        elif tag in ("th", "td", "caption"):
            self._cell, self._texts, self._kinds = Cell(attributes), {}, []
        elif self._cell is not None and tag != "br":
            self._kinds.append(_kind(tag, (attributes.get("class") or "").split()))
            if self._kinds[-1] == "remark":
                self._cell.remarks.append("")

    def handle_endtag(self, tag: str) -> None:
        """A table ends, a cell, whose text is read as a browser shows it, or a part of one."""
        if tag == "table":
            self._table = None
        elif self._table is None or self._cell is None:
            return
        elif tag not in ("th", "td", "caption"):
            self._kinds.pop()
        else:
            self._end_cell(self._table, self._cell, tag)
            self._cell = None

    def _end_cell(self, table: Table, cell: Cell, tag: str) -> None:
        cell.text, cell.label = (_joined(self._texts.get(kind, [])) for kind in ("", "label"))
        cell.remarks = [_joined([text]) for text in cell.remarks]
        if tag == "caption":
            table.caption = cell.text
            return
        more = int(cell.attributes.get("colspan") or 1) - 1
        table.cells[-1] += [cell, *(Cell() for _ in range(more))]

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self._cell is None:
            return
        kind = next(filter(None, self._kinds), "")
        if kind == "remark":
            self._cell.remarks[-1] += data
        else:
            self._texts.setdefault(kind, []).append(data)


def _kind(tag: str, classes: Sequence[str]) -> str:
    """What the text of an element in a cell is: a remark, a label, nothing; else the cell's own."""
    if tag in SILENT:
        return "silent"
    if LABEL & {*classes}:
        return "label"
    return "remark" if REMARKS & {*classes} else ""


def _joined(texts: Sequence[str]) -> str:
    return " ".join("".join(texts).split())
