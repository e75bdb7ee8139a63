"""What the texts of a column are: numbers, dates, steps of a scale, yes and no."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import fmean, pstdev

import numpy as np

from labbook.data.reading.cells import Cells
from labbook.params.tables import DatePart, Form

# Well-known scales from low to high; levels of a column are looked for in them without their case.
SCALES = (
    ("very low", "low", "medium", "high", "very high"),
    ("very low", "low", "moderate", "high", "very high"),
    ("low", "mid", "high"),
    ("low", "med", "high"),
    ("low", "normal", "high"),
    ("tiny", "small", "medium", "large", "huge"),
    ("small", "med", "big"),
    ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"),
    ("very poor", "poor", "fair", "good", "very good", "excellent"),
    ("very bad", "bad", "average", "good", "very good", "excellent"),
    ("po", "fa", "ta", "gd", "ex"),
    ("fair", "good", "very good", "premium", "ideal"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("never", "seldom", "sometimes", "often", "always"),
    ("none", "mild", "moderate", "severe"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("first", "second", "third", "fourth", "fifth"),
    ("bronze", "silver", "gold", "platinum"),
    ("young", "middle-aged", "old"),
)
ANSWERS = (
    ("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("off", "on"),
    ("nein", "ja"), ("non", "oui"), ("absent", "present"),
)  # fmt: skip
TICKS = frozenset({"x", "✓", "✔", "✗", "*", "+", "yes", "y", "true", "t", "ja", "oui", "on", "1"})
CODE = re.compile(r"[0-9]+")
LEAST_DIGITS = 3  # of a code with many values: two are as well minutes
WITH_UNIT = re.compile(r"([$€£¥]?)\s*[-+]?\d[\d.,]*\s*([%A-Za-z€$£¥°/²³]{0,5})")
ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
DAYS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y",
    "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d-%B-%Y",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
FORMATS = (*ISO, *(day + time for day in DAYS for time in TIMES), "%Y-%m", "%b %Y", "%B %Y")
DATE_LIKE = re.compile(r"[0-9]{1,4}\D|[A-Za-z]{3,9} [0-9]")
MONTHS_SPAN, WEEKS_SPAN = 60, 8  # days, from which months and weekdays can tell anything
MIDNIGHT = (0, 0)


def numbers(texts: Iterable[str], form: Form) -> dict[str, float] | None:
    """The finite numbers that all texts are under the form's signs, None if one of them is none."""
    texts = list(texts)
    try:
        values = Cells((), form.decimal, form.thousands).numbers(texts)
    except ValueError:
        return None
    if not np.isfinite(values).all():
        return None
    return dict(zip(texts, values.tolist(), strict=True))


def ordered(levels: Collection[str]) -> tuple[str, ...] | None:
    """The levels from low to high, None where they are no steps of a well-known scale."""
    by_word = {level.lower().replace("_", " "): level for level in levels}
    if len(by_word) != len(levels) or len(levels) < 2:
        return None
    for scale in SCALES:
        if set(by_word) <= set(scale):
            return tuple(by_word[word] for word in scale if word in by_word)
    return None


def answers(levels: Collection[str]) -> tuple[str, str] | None:
    """The two levels as no and yes, None where they are no such pair."""
    by_word = {level.lower(): level for level in levels}
    for no, yes in ANSWERS:
        if len(levels) == 2 and set(by_word) == {no, yes}:
            return by_word[no], by_word[yes]
    return None


def tick(levels: Sequence[str]) -> bool:
    """Whether the only value of a column is that of a box that is ticked, or else left empty."""
    return len(levels) == 1 and levels[0].lower() in TICKS


def codes(levels: Collection[str], few: int) -> bool:
    """Whether the texts are codes: digits alone, some with zeros before them, which mean something.

    Codes of two digits are only `few`.
    """
    lengths = {len(level) for level in levels}
    return (
        all(map(CODE.fullmatch, levels))
        and any(level.startswith("0") and len(level) > 1 for level in levels)
        and (max(lengths) >= LEAST_DIGITS or len(levels) <= few)
    )


def with_units(levels: Sequence[str]) -> bool:
    """Whether the texts are numbers with the same sign or unit, such as 12% or 5 km."""
    found = [WITH_UNIT.fullmatch(level) for level in levels]
    units = {match.groups() for match in found if match}
    return all(found) and len(levels) > 2 and len(units) == 1 and any(units.pop())


@dataclass(frozen=True)
class DateForm:
    """How dates are written; `format` is None for ISO 8601. `reason` says why it is that one."""

    format: str | None
    parts: tuple[DatePart, ...]
    reason: str


def dates(texts: Sequence[str]) -> DateForm | None:
    """How the different texts of a column, in the order of the rows, are dates; None if not.

    Where day and month could be either way round, that way is taken in which the rows are in
    order, and the days between two dates are more alike.
    """
    if not all(map(DATE_LIKE.match, texts[:20])):
        return None
    fitting: list[tuple[str, list[datetime]]] = []
    for form in FORMATS:
        values = _read(texts, form)
        if values is not None:
            fitting.append((form, values))
    if not fitting:
        return None
    form, values = min(fitting, key=lambda item: _disorder(item[1]))
    reason = f"all {len(texts):,} different ones are {form}"
    if len(fitting) > 1:
        other = next(name for name, _ in fitting if name != form)
        reason += f"; {other} is possible, but less even: is it right?"
    return DateForm(None if form in ISO else form, _parts(values), reason)


def _read(texts: Sequence[str], form: str) -> list[datetime] | None:
    try:
        return [datetime.strptime(text, form) for text in texts]
    except ValueError:
        return None


def _disorder(values: Sequence[datetime]) -> tuple[bool, float]:
    """Whether dates are out of order, and how uneven the days between them are."""
    in_order = sorted(values)
    gaps = [(after - before).total_seconds() for before, after in pairwise(in_order)]
    if len(gaps) < 2:
        return False, 0.0
    return list(values) not in (in_order, in_order[::-1]), pstdev(gaps) / max(fmean(gaps), 1.0)


def _parts(values: Sequence[datetime]) -> tuple[DatePart, ...]:
    """What of the dates can tell anything: `elapsed`, and what comes round within their span."""
    span = (max(values) - min(values)).days
    parts: list[DatePart] = []
    if span >= MONTHS_SPAN:
        parts.append("month")
    if span >= WEEKS_SPAN and not all(value.day == 1 for value in values):
        parts.append("weekday")
    if len({value.hour for value in values}) > 1:
        parts.append("hour")
    return (*parts, "elapsed")
