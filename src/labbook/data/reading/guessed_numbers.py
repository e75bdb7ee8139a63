"""A guess at marks of missing values, from texts by column."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from labbook.data.reading.cells import USUAL, Cells
from labbook.data.reading.names import some
from labbook.params.tables import Form
from labbook.wording import count

Texts = Mapping[str, Sequence[str]]
Found = dict[str, tuple[Any, str]]
HALF = 0.5  # share of numbers from which the rest of a column may be marks
MOST = 0.9  # from which any other text is one, if there are but a few different ones:
FEW_TEXTS = 2
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
    """`missing_marks`: texts among numbers, `?` anywhere, and numbers that stand far out.

    By column where another column has the same text as a value.
    """
    cells = Cells((), form.decimal, form.thousands)
    counts: dict[str, Counter[str]] = {}
    usual: dict[str, list[str]] = {}
    elsewhere: set[str] = set()
    for name, column in columns.items():
        fields = Counter(text for text in column if text)
        usual[name] = sorted(text for text in fields if text.lower() in USUAL)
        found = _of_column(fields, cells)
        elsewhere |= fields.keys() - {*found, *usual[name]}
        for text in found:
            counts.setdefault(text, Counter())[name] = fields[text]
    if not counts:
        return {}
    reasons = [
        f"{count(fields, 'field is', 'fields are')} {text!r} ({some(list(by_name))})"
        for text, by_name in counts.items()
        for fields in [sum(by_name.values())]
    ]
    value: list[str] | dict[str, list[str]] = [*counts, *sorted({*chain(*usual.values())})]
    if elsewhere & {text for text in counts if not _is_number(text)}:
        names = dict.fromkeys(name for by_name in counts.values() for name in by_name)
        value = {
            name: [*(text for text, by_name in counts.items() if name in by_name), *usual[name]]
            for name in names
        }
    return {"missing_marks": (value, "; ".join(reasons))}


def _of_column(fields: Counter[str], cells: Cells) -> list[str]:
    """Those fields of a column that stand for a missing value, in the order of the file."""
    numbers: dict[str, float] = {}
    for text in fields:
        try:
            numbers[text] = cells.number(text)
        except ValueError:
            continue
    infinite = [text for text, value in numbers.items() if not math.isfinite(value)]
    numbers = {text: value for text, value in numbers.items() if text not in infinite}
    rows = sum(fields.values())
    of_numbers = sum(fields[text] for text in numbers)
    texts = [
        text
        for text in fields
        if text not in numbers
        and (text.lower() in ALWAYS or (text.lower() in MARKS and of_numbers >= HALF * rows))
    ]
    rest = [
        text
        for text in fields
        if text not in numbers and text not in texts and text.lower() not in USUAL
    ]
    with_digits = any(character.isdigit() for text in rest for character in text)  # 3+, <0.5
    if len(rest) <= FEW_TEXTS and of_numbers >= MOST * rows and not with_digits:
        texts, rest = texts + rest, []
    if numbers and not rest:
        texts += _far_out(fields, numbers, rows)
    return texts


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


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
