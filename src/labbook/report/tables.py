"""The tables of a study's room as rows of texts, and as CSV, LaTeX and Markdown.

They are read from the room's own HTML, so that what the command line writes is what the page shows
and gives (`scripts/table_export.js`; a test holds both equal).
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from labbook.report.page.page import study_page
from labbook.report.study_results import StudyResults

SIGNS = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "−": "$-$", "×": r"$\times$", "–": "--", "±": r"$\pm$", "…": r"\dots{}",
    **{sign: f"\\{sign}" for sign in "&%#_${}"},
}  # fmt: skip
RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"


@dataclass
class Table:
    """A table of the page: its caption, and its rows of texts with the heads first."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


def tables_of(results: StudyResults) -> dict[str, Table]:
    """The tables of a study's room by name, `combinations` first where there are several.

    Raises `LabbookError` where a table of the results is unfit.
    """
    reader = _Reader()
    reader.feed(study_page(results))
    return reader.tables


def as_csv(table: Table) -> str:
    """The table as CSV, a line each row."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table.rows)
    return out.getvalue()


def as_markdown(table: Table) -> str:
    """The table as Markdown has it, without its caption."""
    head, *body = table.rows
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(map(_marked, cells))} |\n" for cells in lines)


def as_latex(table: Table) -> str:
    """The table for LaTeX with the package booktabs."""
    head, *body = table.rows
    return (
        "% \\usepackage{booktabs}\n\\begin{table}\n\\centering\n"
        f"\\caption{{{_latex(table.caption)}}}\n"
        f"\\begin{{tabular}}{{{'l' * len(head)}}}\n\\toprule\n{_line(head)}\\midrule\n"
        f"{''.join(map(_line, body))}\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n"
    )


FORMATS = {"csv": as_csv, "latex": as_latex, "md": as_markdown}


def _marked(text: str) -> str:
    return re.sub(r"[\\|]", r"\\\g<0>", text)


def _line(cells: Sequence[str]) -> str:
    return f"{' & '.join(map(_latex, cells))} \\\\\n"


def _latex(text: str) -> str:
    def written(match: re.Match[str]) -> str:
        sign = match[0]
        if sign[0] in RAISED:
            return f"$^{{{''.join('-0123456789'[RAISED.index(one)] for one in sign)}}}$"
        return SIGNS[sign]

    return re.sub(rf"[{RAISED}]+|[\\~^−×–±…&%#_${{}}]", written, text)


class _Reader(HTMLParser):
    """Reads the tables that have a name."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Table] = {}
        self._table: Table | None = None
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table begins, a row, or a cell."""
        if tag == "table" and (name := dict(attrs).get("data-table")):
            self._table = self.tables[name] = Table()
        elif self._table is not None and tag == "tr":
            self._table.rows.append([])
        elif self._table is not None and tag in ("th", "td", "caption"):
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        """A table ends, or a cell, whose text is read as a browser shows it."""
        if tag == "table":
            self._table = None
        elif self._table is not None and self._text is not None and tag in ("th", "td", "caption"):
            text = " ".join("".join(self._text).split())
            if tag == "caption":
                self._table.caption = text
            else:
                self._table.rows[-1].append(text)
            self._text = None

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self._text is not None:
            self._text.append(data)
