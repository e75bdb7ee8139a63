"""A guess at where a table begins, how its fields are divided and whether it names its columns."""

import csv
from collections import Counter
from collections.abc import Mapping
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from labbook.data.reading.guessed_numbers import like_a_number
from labbook.data.reading.lines import Lines
from labbook.data.reading.text import DELIMITERS, WHITESPACE, between_tabs
from labbook.params.tables import Form

LINES_SEEN = 1_000
ALIKE = 0.9  # share of lines that have as many fields as most, and of numbers in their column
ORDER = ("\t", ";", "|", ",", WHITESPACE)  # commas and blanks stand in texts and numbers, too
COMMENTS = "#%"
Found = dict[str, tuple[Any, str]]


def of_text(path: Path, encoding: str) -> Found:
    """What can be said of the first lines of a text file."""
    lines = list(islice(Lines(path, Form(encoding=encoding), str(path)), LINES_SEEN))
    found: Found = {}
    best: tuple[str, dict[int, list[str]]] | None = None
    comment = _comment(lines)
    for delimiter in ORDER:
        rows = _split(lines, delimiter, comment)
        width, share = _usual(rows)
        if width > 1 and share >= ALIKE and not _aligned(rows):
            best = delimiter, rows
            break
    if best is None:
        rows = _split(lines, ",", comment)
        width, share = _usual(rows)
        if any(len(row) > 1 for row in rows.values()):
            best = ",", rows
    if comment and best:
        best, found = _with_comment(lines, best, comment)
    if best is None:
        return found | of_rows(_split(lines, ",", comment))
    delimiter, rows = best
    if delimiter != ",":
        shown = DELIMITERS.get(delimiter, "blanks between fields")
        width = _usual(rows)[0]
        reason = f"{shown} divides {len(rows):,} lines into {width} fields each"
        found["delimiter"] = (delimiter, reason)
    return found | of_rows(rows)


def of_rows(rows: Mapping[int, list[str]]) -> Found:
    """Whether lines stand above the table, and whether its first row has names; rows by line."""
    width, _ = _usual(rows)
    start = next((line for line, row in rows.items() if _begins(row, width)), 0)
    found: Found = {}
    above = [line for line in rows if line < start]
    if len(above) == 1 and len(rows[above[0]]) == width - 1 > 1:
        return {}  # names, without one for the names of rows: this is said when all of it is read
    if above:
        title = next((field for field in rows[above[0]] if field.strip()), "")
        found["skip_lines"] = (
            start - 1,
            f"the table begins in line {start}, above it stands {title.strip()[:30]!r}",
        )
    table = [row for line, row in rows.items() if line >= start and len(row) == width]
    return found | _header(table)


def _comment(lines: list[str]) -> str | None:
    """The sign of lines that are comments, if the first line may be one."""
    first = next((line for line in lines if line.strip()), "")
    return first[0] if first and first[0] in COMMENTS else None


def _with_comment(
    lines: list[str], best: tuple[str, dict[int, list[str]]], comment: str
) -> tuple[tuple[str, dict[int, list[str]]], Found]:
    """Whether such lines are comments, or the one that names the columns begins so."""
    delimiter, rows = best
    marked = [i for i, line in enumerate(lines, 1) if line.startswith(comment)]
    whole = _split(lines, delimiter, None)
    if len(marked) == 1 and len(whole.get(marked[0], [])) == _usual(rows)[0]:
        return (delimiter, whole), {}
    many = f"{len(marked)} lines begin" if len(marked) > 1 else "a line begins"
    return best, {"comment": (comment, f"{many} with it")}


def _split(lines: list[str], delimiter: str, comment: str | None) -> dict[int, list[str]]:
    """The rows that are not empty, by the number of their last line."""
    blank = delimiter == WHITESPACE
    numbered = [i for i, line in enumerate(lines, 1) if not (comment and line.startswith(comment))]
    texts = [between_tabs(lines[i - 1]) if blank else lines[i - 1] for i in numbered]
    reader = csv.reader(texts, delimiter="\t" if blank else delimiter)
    rows = {}
    try:
        for row in reader:
            if any(field.strip() for field in row):
                rows[numbered[reader.line_num - 1]] = row
    except csv.Error:
        pass  # what is wrong is said when all of it is read
    return rows


def _usual(rows: Mapping[int, list[str]]) -> tuple[int, float]:
    """The number of fields that most rows have, and the share of them from the first such on."""
    widths = [len(row) for row in rows.values()]
    if not widths:
        return 0, 0.0
    width = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))[0]
    below = widths[widths.index(width) :]
    return width, below.count(width) / len(below) if 2 * len(below) >= len(widths) else 0.0


def _aligned(rows: Mapping[int, list[str]]) -> bool:
    """Whether fields hold columns that stand under one another, with blanks between them."""
    first = [row[0].strip() for row in rows.values()]
    return sum("  " in text for text in first) >= ALIKE * len(first)


def _begins(row: list[str], width: int) -> bool:
    """Whether a row may be the table's first: as long as the others, and not a title alone."""
    filled = sum(bool(field.strip()) for field in row)
    return len(row) == width and (width < 3 or filled > 1)


def _header(table: list[list[str]]) -> Found:
    """Whether the first row is one of values: numbers above numbers, or texts that come again."""
    if len(table) < 2:
        return {}
    first, columns = [field.strip() for field in table[0]], list(zip(*table[1:], strict=True))
    numeric = [i for i, field in enumerate(first) if like_a_number(field)]
    if numeric:
        counted = [first[i] for i in numeric]
        above = [i for i in numeric if _mostly_numbers(columns[i])]
        if above and not _in_a_row(counted):
            number = first[above[0]]
            return {"header": (False, f"the first line has the number {number} above numbers")}
        return {}
    if any(_mostly_numbers(column) for column in columns):
        return {}
    again = [
        field
        for field, column in zip(first, columns, strict=True)
        if field and field in map(str.strip, column)
    ]
    if 2 * len(again) > len(first):
        reason = f"the first line has values that come again below ({again[0][:20]!r})"
        return {"header": (False, reason)}
    return {}


def _mostly_numbers(column: tuple[str, ...]) -> bool:
    filled = [field for field in column if field.strip()]
    return bool(filled) and sum(map(like_a_number, filled)) >= ALIKE * len(filled)


def _in_a_row(texts: list[str]) -> bool:
    """Whether numbers count on: 0, 1, 2 or 1990, 1991, as names of columns do."""
    if len(texts) < 2 or not all(text.isdecimal() for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return all(b - a == 1 for a, b in pairwise(numbers))
