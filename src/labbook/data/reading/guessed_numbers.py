"""A guess at marks of missing values, from texts by column."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labbook.data.reading.cells import USUAL, Cells
from labbook.data.reading.names import some
from labbook.params.tables import Form

Texts = Mapping[str, Sequence[str]]
Found = dict[str, tuple[Any, str]]
HALF = 0.5  # share of numbers from which the rest of a column may be marks
LEAST_TIMES = 5  # that a number stands where none can be, and this share of the rows:
LEAST_SHARE = 0.005
MARKS = frozenset({
    "?", "-", "--", "---", ".", "..", "*", "#n/a", "<na>", "\\n", "n.a.", "n.a", "na.", "missing",
    "unknown", "nil", "#value!", "#div/0!", "#ref!", "#name?", "#null!", "(null)", "[null]",
})  # fmt: skip
ALWAYS = frozenset({"?", "#n/a", "<na>", "\\n", "(null)", "[null]", "#value!", "#div/0!", "#ref!"})
STANDS_OUT = re.compile(r"-9+|-?9{3,}|-200|-1e\+?\d\d|-32768|-2147483648")


def like_a_number(text: str) -> bool:
    """Whether a field is a number as some form may write it."""
    text = text.strip().replace(",", ".") if text.count(",") == 1 else text.strip()
    try:
        return bool(np.isfinite(float(text))) and "_" not in text
    except ValueError:
        return False


def marks(columns: Texts, form: Form) -> Found:
    """`missing_marks`: texts among numbers, `?` anywhere, and numbers that stand far out."""
    cells = Cells((), form.decimal, form.thousands)
    counts: dict[str, Counter[str]] = {}
    usual: Counter[str] = Counter()
    for name, column in columns.items():
        fields = Counter(text for text in column if text)
        usual.update({text: n for text, n in fields.items() if text.lower() in USUAL})
        for text in _of_column(fields, cells):
            counts.setdefault(text, Counter())[name] = fields[text]
    if not counts:
        return {}
    reasons = [
        f"{sum(by_name.values()):,} fields are {text!r} ({some(list(by_name))})"
        for text, by_name in counts.items()
    ]
    return {"missing_marks": ([*counts, *sorted(usual)], "; ".join(reasons))}


def _of_column(fields: Counter[str], cells: Cells) -> list[str]:
    """Those fields of a column that stand for a missing value, in the order of the file."""
    numbers: dict[str, float] = {}
    for text in fields:
        try:
            numbers[text] = cells.number(text)
        except ValueError:
            continue
    rows = sum(fields.values())
    of_numbers = sum(fields[text] for text in numbers) >= HALF * rows
    texts = [
        text
        for text in fields
        if text not in numbers
        and (text.lower() in ALWAYS or (of_numbers and text.lower() in MARKS))
    ]
    rest = [text for text in fields if text not in numbers and text not in texts]
    if numbers and not any(text.lower() not in USUAL for text in rest):
        texts += _far_out(fields, numbers, rows)
    return texts


def _far_out(fields: Counter[str], numbers: Mapping[str, float], rows: int) -> list[str]:
    """Numbers such as -999 that stand many times, as far from all others as these have room."""
    found: list[str] = []
    for text, value in numbers.items():
        bare = re.sub(r"[.,]0+$", "", text)
        if fields[text] < max(LEAST_TIMES, LEAST_SHARE * rows) or not STANDS_OUT.fullmatch(bare):
            continue
        others = [v for v in numbers.values() if v != value and not _stands_out(v)]
        if len(others) < LEAST_TIMES:
            continue
        low, high = min(others), max(others)
        below_all = value < 0 <= low or value < low - (high - low)
        if below_all or value > high + (high - low):
            found.append(text)
    return found


def _stands_out(value: float) -> bool:
    return bool(STANDS_OUT.fullmatch(f"{value:.0f}")) and value == int(value)
