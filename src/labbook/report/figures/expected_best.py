"""What tuning by so many tries gives: a curve with its band for each method."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from labbook.params.tries import WHOLE
from labbook.report.figures.axes import scale_axis, spans_widely
from labbook.report.figures.style import (
    DOTS,
    INK,
    MAIN,
    MUTED,
    SECOND,
    WARNING,
    Drawing,
    finish,
    new_figure,
)
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, number, plain, sentence, short

if TYPE_CHECKING:
    import pandas as pd

COLORS = (MAIN, WARNING, SECOND, INK, DOTS, MUTED)
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)))  # for more methods than colours
LINE = 0.055  # of the axes' height, between the middles of two labels
LABEL = 26  # characters of a method's name


def draw_expected_best(results: StudyResults) -> Drawing | None:
    """Draw a curve per method; None where none has two numbers of tries."""
    rows = results.frame("expected_best", "tries", "mean", "low", "high", "n")
    rows = rows[np.isfinite(rows["mean"])]
    if rows.empty:
        return None
    metric = _metric(rows)
    curves = dict(tuple(rows[rows["metric"] == metric].groupby("side", sort=False)))
    if len(curves) > 1:  # the study as a whole is no method to compare with others
        curves.pop(WHOLE, None)
    if all(len(points) < 2 for points in curves.values()):
        return None
    figure = new_figure(3.2)
    axes = figure.subplots()
    for place, points in enumerate(curves.values()):
        _draw(axes, place, points)
    most = max(points["tries"].max() for points in curves.values())
    _scales(axes, metric, curves, most)
    _name_lines(axes, curves, most)
    return finish(figure, "Tuned by so many tries", _caption(curves, metric), _in_words(curves))


def _metric(rows: "pd.DataFrame") -> str:
    """The metric of the first method; claims by another are told by their verdicts."""
    return str(rows["metric"].iloc[0])


def _style(place: int) -> tuple[str, str | tuple[int, tuple[float, float]]]:
    return COLORS[place % len(COLORS)], DASHES[place // len(COLORS) % len(DASHES)]


def _draw(axes: Axes, place: int, points: "pd.DataFrame") -> None:
    color, dashes = _style(place)
    axes.fill_between(points["tries"], points["low"], points["high"], color=color, alpha=0.07, lw=0)
    mark = "o" if len(points) == 1 else None  # one that may fail with fewer tries
    axes.plot(
        points["tries"], points["mean"], marker=mark, color=color, ls=dashes, lw=1.8, clip_on=False
    )


def _scales(axes: Axes, metric: str, curves: "Mapping[str, pd.DataFrame]", most: float) -> None:
    """Both axes; bands may leave the picture, means may not."""
    means = np.concatenate([points["mean"] for points in curves.values()])
    ends = np.concatenate([points[end] for points in curves.values() for end in ("low", "high")])
    ends = ends[np.isfinite(ends)]
    logarithmic = spans_widely([float(means.min()), float(means.max())])
    reach = float(means.max() - means.min()) or abs(float(means.max())) or 1.0
    if logarithmic:
        low, high = means.min() / 2, means.max() * 2
    else:
        low, high = means.min() - reach / 2, means.max() + reach / 2
    low, high = max(low, ends.min(initial=high)), min(high, ends.max(initial=low))
    axes.set_ylim(min(low, means.min()), max(high, means.max()))
    axes.set_xscale("log")
    axes.set_xlim(1, most)
    scale_axis(axes, "x", logarithmic=True, ticks=9)
    scale_axis(axes, "y", logarithmic)
    axes.set_xlabel("tries (logarithmic)")
    axes.set_ylabel(metric_name(metric) + (" (logarithmic)" if logarithmic else ""))


def _name_lines(axes: Axes, curves: "Mapping[str, pd.DataFrame]", most: float) -> None:
    """Each line's name at its right end, none over another."""
    to_axes = axes.transData + axes.transAxes.inverted()
    ends = [points[["tries", "mean"]].iloc[-1].to_numpy(float) for points in curves.values()]
    heights = np.array([to_axes.transform((most, end[1]))[1] for end in ends])
    places = apart(heights, LINE)
    for place, (name, height) in enumerate(zip(curves, places, strict=True)):
        axes.annotate(
            short(name, LABEL), (1, height), xycoords="axes fraction", xytext=(5, 0),
            textcoords="offset points", color=_style(place)[0], va="center", fontsize=8.5,
            annotation_clip=False,
        )  # fmt: skip


def apart(heights: np.ndarray, least: float) -> np.ndarray:
    """Heights moved as far apart as `least`, in their order, their mean as it was."""
    order = np.argsort(heights, kind="stable")
    moved = heights[order]
    for place in range(1, len(moved)):
        moved[place] = max(moved[place], moved[place - 1] + least)
    moved += heights.mean() - moved.mean()
    found = np.empty(len(heights))
    found[order] = moved
    return found


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
        texts.append(f"{plain(short(name, 60))}: {' and '.join(told)}")
    return "Figure by number of tries. " + "; ".join(texts)
