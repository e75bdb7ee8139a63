"""Where learning curves end: validation losses of all combinations over each other, enlarged."""

from typing import TYPE_CHECKING

import numpy as np

from labbook.report.figures.axes import spans_widely
from labbook.report.figures.curves import STOPS, shown_curves
from labbook.report.figures.figure import Axis, Color, Figure, Line, Panel
from labbook.report.study_results import StudyResults
from labbook.wording import count, listing, number, short

if TYPE_CHECKING:
    import pandas as pd

NAME = 60  # characters of a line's name
SHOWN = 0.75  # of the combinations, those with the lowest ends, decide what is enlarged
COLORS: tuple[Color, ...] = ("bad", "second", "ink", "dots", "muted")  # beside the best's own
MOST_COLORS = 10  # with dashes; of more lines the others are alike


def ends_figure(results: StudyResults) -> Figure | None:
    """One panel with a line per combination; None for fewer than two curves."""
    curves = {
        label: to_the_end(results, label, rows)
        for label, rows in shown_curves(results).items()
        if len(rows) > 1
    }
    ends = {label: float(rows["valid_mean"].iloc[-1]) for label, rows in curves.items()}
    ends = {label: end for label, end in ends.items() if np.isfinite(end) and end > 0}
    if len(ends) < 2:
        return None
    low, high = _heights(curves, ends)
    above = [label for label, end in ends.items() if end > high]
    order = sorted(ends, key=lambda label: (label == results.best, -ends[label]))
    others = [label for label in order if label != results.best]
    lines = [_line(results, label, curves[label], _color(others, label), others) for label in order]
    words = "; ".join(f"{short(k, NAME)} {number(ends[k])}" for k in reversed(order))
    y = Axis("validation loss", log=spans_widely([low, high]), switch=True, low=low, high=high)
    return Figure(
        "Where the curves end",
        _caption(results, len(ends), above),
        f"Validation losses at the ends of the curves: {words}",
        [Panel(lines, Axis("epoch", switch=True, whole=True), y)],
        height=3.0,
    )


def to_the_end(results: StudyResults, label: str, rows: "pd.DataFrame") -> "pd.DataFrame":
    """The mean curve while all runs train, then straight to where they ended.

    That is at the median epoch and with the mean loss of them all: the mean over those that still
    train jumps where one stops.
    """
    stops = results.frame("stops", *STOPS)
    for stop in stops[stops["combination"] == label].to_dict("records"):
        if stop["first"] < stop["last"]:
            still = rows["n"] >= stop["n"]
            whole = rows.loc[still, ["epoch", "valid_mean"]].reset_index(drop=True)
            end = {"epoch": max(stop["epoch"], stop["first"]), "valid_mean": stop["valid_mean"]}
            whole.loc[len(rows)] = end
            return whole
    return rows


def _heights(curves: "dict[str, pd.DataFrame]", ends: dict[str, float]) -> tuple[float, float]:
    """What is enlarged: from the lowest loss to the end of most of the combinations."""
    lowest = min(float(curves[label]["valid_mean"].min()) for label in ends)
    most = float(np.quantile([*ends.values()], SHOWN, method="higher"))
    margin = 0.35 * (most - lowest) or 0.05 * lowest
    return max(lowest - 0.3 * margin, 0.5 * lowest), most + margin


def _color(others: list[str], label: str) -> Color:
    if label not in others:
        return "main"
    place = others.index(label)
    return COLORS[place % len(COLORS)] if len(others) <= MOST_COLORS else "dots"


def _line(
    results: StudyResults, label: str, rows: "pd.DataFrame", color: Color, others: list[str]
) -> Line:
    """One combination's curve; colours come again dashed."""
    best = label not in others
    dashed = not best and others.index(label) % MOST_COLORS >= len(COLORS)
    x, y = rows["epoch"].tolist(), rows["valid_mean"].tolist()
    name = short(label, NAME) + (" · best" if label == results.best else "")
    place = results.labels.index(label)
    return Line(x, y, name=name, color=color, dashed=dashed, combination=place, smooth=True)


def _caption(results: StudyResults, shown: int, above: list[str]) -> str:
    text = "Validation losses of the curves above over each other, enlarged to where most end"
    text += ", of a single seed." if results.about.get("single_seed") else ": geometric means."
    stops = results.frame("stops", *STOPS)
    if (stops["first"] < stops["last"]).any():
        text += (
            " Where runs stopped at different epochs, the line goes straight to their median epoch "
            "and the loss of them all."
        )
    if above:
        end = "ends" if len(above) == 1 else "end"
        some = listing(short(label, NAME) for label in above) if len(above) < 3 else count(
            len(above), "combination"
        )  # fmt: skip
        text += f" {some} {end} above the picture."
    if shown < len(results.labels):
        text += f" Shown are {shown} of {len(results.labels)} combinations."
    return text
