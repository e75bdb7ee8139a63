"""The tables of a study's room as rows of texts, and as CSV, LaTeX and Markdown.

They are read from the room's own HTML, so that what the command line writes is what the page gives
(`scripts/table_export.js`; a test holds both equal): LaTeX and Markdown as the
page shows it, CSV with plain numbers for programs.
"""

import csv
import io
import re
from collections.abc import Sequence

from labbook.languages import ENGLISH
from labbook.languages.html import translated_page
from labbook.languages.language import language_of
from labbook.report.page.own_texts import own_texts
from labbook.report.page.page import study_page
from labbook.report.study_results import StudyResults
from labbook.report.table_columns import RAISED, Table, lowered
from labbook.report.table_reader import TableReader

SIGNS = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "−": "$-$", "×": r"$\times$", "–": "--", "±": r"$\pm$", "…": r"\dots{}",
    **{sign: f"\\{sign}" for sign in "&%#_${}"},
}  # fmt: skip


def tables_of(results: StudyResults, language: str = ENGLISH) -> dict[str, Table]:
    """The tables of a study's room by name, `combinations` first where there are several.

    Raises `LabbookError` where a table of the results is unfit.
    """
    words = language_of(language)
    reader = TableReader(words)
    page = study_page(results)
    reader.feed(translated_page(page, words.keeping(own_texts("", [results]))) if words else page)
    return reader.tables


def as_csv(table: Table) -> str:
    """The table as CSV, a line each row."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table.data)
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
            return f"$^{{{lowered(sign)}}}$"
        return SIGNS[sign]

    return re.sub(rf"[{RAISED}]+|[\\~^−×–±…&%#_${{}}]", written, text)
