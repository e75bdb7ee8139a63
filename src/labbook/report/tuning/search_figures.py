"""A figure of each step of a search, from the step's rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labbook.plan.tunings import RACE
from labbook.report.figures.figure import Axis, Bars, Color, Dots, Figure, Line, Mark, Note, Panel
from labbook.wording import count, listing, metric_name, number, percent, short

Step = Mapping[str, Any]
MOST_ROWS = 24  # of a figure with a row for each combination
WIDE = 44  # characters of a row's name
SIDES: tuple[tuple[str, str, Color], ...] = (
    ("winner", "winner", "main"),
    ("than", "compared with", "second"),
)


def discard_figure(step: Step) -> Figure | None:
    """The value after a few epochs by place, what was kept marked; importance beside it."""
    rows = [row for row in step["rows"] if row["value"] is not None]
    lost = len(step["rows"]) - len(rows)
    if not rows:
        return None
    marks: list[Mark] = []
    for kept, name, color in ((False, "dropped", "dots"), (True, "kept", "main")):
        some = [row for row in rows if bool(row["kept"]) == kept]
        x, y = [float(row["place"]) for row in some], [row["value"] for row in some]
        texts = [short(row["label"], 80) for row in some]
        marks.append(Dots(x, y, name=name, color=color, texts=texts))
    marks += [Note(f"✕ {count(lost, 'combination')} diverged")] if lost else []
    values = [row["value"] for row in rows]
    log = min(values) > 0 and max(values) > 10 * min(values)
    y_axis = Axis(metric_name(step["decided"].get("metric", "value")), log=log)
    panels = [Panel(marks, Axis("place", whole=True), y_axis)]
    shares = step["decided"].get("importance") or []
    if shares:
        panels.append(_importance(shares))
    kept_rows = [row for row in rows if row["kept"]]
    return Figure(
        "After a few epochs",
        "Each dot is a combination, the best first, by its validation rows after a few epochs."
        + (" Beside: how much of the spread each setting explains." if shares else ""),
        f"{count(len(kept_rows), 'combination')} of {len(step['rows'])} kept.",
        panels,
        columns=len(panels),
        height=2.8,
        legend={"kept": "main", "dropped": "dots"},
    )


def _importance(shares: Sequence[Mapping[str, Any]]) -> Panel:
    length = [_finite(row["share"]) for row in shares]
    ends = [[_finite(row[end]) for row in shares] for end in ("low", "high")]
    texts = [percent(one) for one in length]
    names = [short(row["setting"], 30) for row in shares]
    bars = Bars(length, low=ends[0], high=ends[1], texts=texts)
    return Panel([bars], Axis("share of the spread", low=0.0), Axis(names=names))


def race_figure(step: Step) -> Figure | None:
    """Those that still raced in a round, with their intervals: the best, the dropped."""
    rows = sorted(
        (row for row in step["rows"] if row["mean"] is not None),
        key=lambda row: (not row["best"], _worse(row)),
    )[:MOST_ROWS]
    if not rows:
        return None
    marks: list[Mark] = []
    kinds: tuple[tuple[str, Color, Callable[[Mapping[str, Any]], bool]], ...] = (
        ("best", "main", lambda row: row["best"]),
        ("still in the race", "second", lambda row: not row["best"] and not row["dropped"]),
        ("dropped", "dots", lambda row: bool(row["dropped"])),
    )
    for name, color, is_one in kinds:
        places = [place for place, row in enumerate(rows) if is_one(row)]
        x, low, high = (
            [_finite(rows[place][key]) for place in places] for key in ("mean", "low", "high")
        )
        y = [float(place) for place in places]
        texts = [count(rows[place]["seeds"], "seed") for place in places]
        marks.append(Dots(x, y, low, high, texts=texts, name=name, color=color, size=8))
    names = [short(row["label"], WIDE) for row in rows]
    dropped = [row["label"] for row in rows if row["dropped"]]
    return Figure(
        "The race over seeds",
        "Means of validation rows with 95 % intervals. What is clearly worse than the best one, "
        "in pairs by seed, is dropped.",
        f"The best: {names[0]}. Dropped: {count(len(dropped), 'combination')}.",
        [Panel(marks, Axis("on validation rows"), Axis(names=names, strong=0))],
        height=max(1.6, 0.28 * len(rows) + 0.9),
        legend={name: color for name, color, _ in kinds},
    )


def _worse(row: Mapping[str, Any]) -> float:
    """How far a combination is behind the best one, whatever the scale."""
    behind = row.get("behind")
    if behind is None:
        return math.inf
    return abs(math.log(behind)) if row.get("scale") == "ratio" and behind > 0 else abs(behind)


def final_figure(step: Step) -> Figure | None:
    """Test rows of the winner and of the recipe it is compared with, and the price of choosing."""
    rows, told = step["rows"], step["decided"]
    if not rows:
        return None
    marks: list[Mark] = []
    for row in rows:
        pair = [_finite(row[f"{side}_test"]) for side, _, _ in SIDES]
        if all(map(math.isfinite, pair)):
            marks.append(Line([0.0, 1.0], pair, color="muted", thin=True))
    for place, (side, name, color) in enumerate(SIDES):
        there = [row for row in rows if row[f"{side}_test"] is not None]
        x, y = [float(place)] * len(there), [row[f"{side}_test"] for row in there]
        texts = [f"seed {row['seed']}" for row in there]
        marks.append(Dots(x, y, name=name, color=color, size=7, texts=texts))
    if not any(isinstance(mark, Dots) and len(mark.x) for mark in marks):
        return None
    metric = metric_name(str(told["metric"]).replace("valid_", "test_"))
    panels = [Panel(marks, Axis(names=[name for _, name, _ in SIDES]), Axis(metric))]
    price = [row for row in told.get("price") or () if row["mean"] is not None]
    if price:
        names = [row["of"] for row in price]
        x, low, high = ([_finite(row[key]) for row in price] for key in ("mean", "low", "high"))
        dots = Dots(x, [float(place) for place in range(len(price))], low, high, size=8)
        of = metric_name(str(told["metric"])).replace("validation ", "")
        panels.append(Panel([dots], Axis(of), Axis(names=names), "The price of choosing"))
    return Figure(
        "The winner and what it is compared with",
        "Test rows by seed; a grey line joins what has the same split."
        + (
            " Beside: the winner when it was chosen, and with other seeds and rows."
            if price
            else ""
        ),
        f"Verdict: {told['verdict']}. Of the winner: "
        + listing(f"{row['of']} {number(row['mean'])}" for row in price)
        + ".",
        panels,
        columns=len(panels),
        height=2.8,
    )


def _finite(value: float | None) -> float:
    return math.nan if value is None else float(value)


SEARCH_FIGURES: dict[str, Callable[[Step], Figure | None]] = {
    "discard": discard_figure,
    **{f"race-{place}": race_figure for place in range(1, RACE + 1)},
    "final": final_figure,
}
