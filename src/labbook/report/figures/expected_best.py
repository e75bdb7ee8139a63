"""What tuning by so many tries gives: a curve with its band for each method."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from labbook.params.tries import WHOLE
from labbook.report.figures.axes import spans_widely
from labbook.report.figures.figure import Axis, Color, Dots, Figure, Line, Mark, Panel
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, number, plain, sentence, short

if TYPE_CHECKING:
    import pandas as pd

COLORS: tuple[Color, ...] = ("main", "bad", "second", "ink", "dots", "muted")
NAME = 60  # characters of a method's name


def expected_best_figure(results: StudyResults) -> Figure | None:
    """A curve per method; None where none has two numbers of tries."""
    rows = results.frame("expected_best", "tries", "mean", "low", "high", "n")
    rows = rows[np.isfinite(rows["mean"])]
    if rows.empty:
        return None
    metric = str(rows["metric"].iloc[0])  # claims by another are told by their verdicts
    curves = dict(tuple(rows[rows["metric"] == metric].groupby("side", sort=False)))
    if len(curves) > 1:  # the study as a whole is no method to compare with others
        curves.pop(WHOLE, None)
    if all(len(points) < 2 for points in curves.values()):
        return None
    marks = [
        mark
        for place, (name, points) in enumerate(curves.items())
        for mark in _curve(place, name, points)
    ]
    most = max(float(points["tries"].max()) for points in curves.values())
    x = Axis("tries", log=True, low=1, high=most)
    return Figure(
        "Tuned by so many tries",
        _caption(curves, metric),
        _in_words(curves),
        [Panel(marks, x, _heights(metric, curves))],
        height=3.2,
    )


def _curve(place: int, name: str, points: "pd.DataFrame") -> list[Mark]:
    """A line with its band; a dot where there is one number of tries: fewer may fail."""
    color = COLORS[place % len(COLORS)]
    x, y, low, high = (points[column].tolist() for column in ("tries", "mean", "low", "high"))
    line = Line(
        x, y, low, high, short(name, NAME), color, dashed=bool(place // len(COLORS) % 2)
    )  # fmt: skip
    return [line, *([Dots(x, y, color=color)] if len(points) == 1 else [])]


def _heights(metric: str, curves: "Mapping[str, pd.DataFrame]") -> Axis:
    """The axis of the metric; bands may leave the picture, means may not."""
    means = np.concatenate([points["mean"] for points in curves.values()])
    ends = np.concatenate([points[end] for points in curves.values() for end in ("low", "high")])
    ends = ends[np.isfinite(ends)]
    log = spans_widely([float(means.min()), float(means.max())])
    reach = float(means.max() - means.min()) or abs(float(means.max())) or 1.0
    low, high = means.min() - reach / 2, means.max() + reach / 2
    if log:
        low, high = means.min() / 2, means.max() * 2
    low, high = max(low, ends.min(initial=high)), min(high, ends.max(initial=low))
    low, high = float(min(low, means.min())), float(max(high, means.max()))
    return Axis(metric_name(metric), log=log, switch=low > 0, low=low, high=high)


def _caption(curves: "Mapping[str, pd.DataFrame]", metric: str) -> str:
    choice = metric_name(str(next(iter(curves.values()))["choice"].iloc[0]))
    return (
        f"{sentence(metric_name(metric))} of the try with the best {choice}, by how many were "
        "tried: the mean over all choices of so many, over seeds, with 95 % intervals as bands. "
        "Seeds differ for all alike, so bands may overlap where methods differ in pairs: that the "
        "claims tell. A line begins where no choice of so few fails as a whole."
    )


def _in_words(curves: "Mapping[str, pd.DataFrame]") -> str:
    texts = []
    for name, points in curves.items():
        ends = (points.iloc[place] for place in (0, -1))
        told = [
            f"{number(end['mean'])} with {number(end['tries'])} "
            f"{'try' if math.isclose(end['tries'], 1) else 'tries'}"
            for end in ends
        ]
        texts.append(f"{plain(short(name, NAME))}: {' and '.join(told)}")
    return "Figure by number of tries. " + "; ".join(texts)
