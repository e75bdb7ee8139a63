"""What the figures of the six steps make of a step's rows: groups, numbers, axes, notes, names."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labbook.report.figures.figure import Axis, Dots, Line, Mark, Note
from labbook.tuning.recipes import settings_text
from labbook.wording import listing, number, short

Step = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]
LOST = "diverged"


def by_variant(rows: Rows) -> dict[str, list[Mapping[str, Any]]]:
    """Rows by variant, in order."""
    names = dict.fromkeys(row["variant"] for row in rows)
    return {name: [row for row in rows if row["variant"] == name] for name in names}


def column(rows: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    """A column of numbers, NaN where a row has none."""
    return [math.nan if row[name] is None else float(row[name]) for row in rows]


def loss_axis(label: str, marks: Sequence[Mark], along: str = "y") -> Axis:
    """An axis of losses, logarithmic where they are all above 0, without what is far too high."""
    values = [
        float(one)
        for mark in marks
        if isinstance(mark, Line | Dots)
        for one in (mark.x if along == "x" else mark.y)
        if math.isfinite(one)
    ]
    if not values or min(values) <= 0:
        return Axis(label)
    return Axis(label, log=max(values) > 3 * min(values))


def lost_rates(rows: Rows, name: str) -> list[Mark]:
    """A note that names the rates of runs that came to no number."""
    lost: dict[str, list[str]] = {}
    for row in rows:
        if row[name]:
            lost.setdefault(number(row["rate"]), []).append(row["variant"])
    return [Note(f"✕ {LOST}: rate {listing(lost)}")] if lost else []


def setting_name(row: Mapping[str, Any]) -> str:
    """A setting's name: its variant, rate and weight decay."""
    return short(settings_text(row["rate"], row["weight_decay"], row["variant"]), 72)
