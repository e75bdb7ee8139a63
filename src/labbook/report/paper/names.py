"""Names of lines: at their ends where there is room beside the panel, else in a legend."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from labbook.report.figures import PALETTE
from labbook.report.figures.figure import Dots, Figure, Line
from labbook.report.paper.style import DASHES, SMALL
from labbook.report.paper.texts import folded
from labbook.wording import short

APART = 0.055  # of the axes' height, between the middles of two names
LETTERS = 36


def name_lines(axes: Axes, lines: Sequence[Line], columns: int) -> None:
    """Each line's name: at its right end where the panel has a row to itself."""
    lines = [line for line in lines if not line.on_demand]
    if columns == 1:
        _at_ends(axes, lines)
    elif len(lines) > 1:
        samples = [_sample(PALETTE[line.color], line.dashed) for line in lines]
        axes.legend(samples, [short(line.name, 18) for line in lines], fontsize=SMALL)


def legend_samples(figure: Figure) -> list[Line2D]:
    """A piece of line for each name of the figure's legend, or a dot, as its marks are."""
    marks = [mark for panel in figure.panels for mark in panel.marks]
    dashed = {mark.name for mark in marks if isinstance(mark, Line) and mark.dashed}
    dots = {mark.name for mark in marks if isinstance(mark, Dots)}
    names = figure.legend or {}
    return [
        Line2D([], [], ls="none", marker="o", ms=4, mew=0, color=PALETTE[color])
        if name in dots
        else _sample(PALETTE[color], name in dashed)
        for name, color in names.items()
    ]


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


def _at_ends(axes: Axes, lines: Sequence[Line]) -> None:
    if not lines:
        return
    to_axes = axes.transData + axes.transAxes.inverted()
    ends = [(line.x[-1], line.y[-1]) for line in lines]
    heights = apart(np.array([to_axes.transform(end)[1] for end in ends]), APART)
    for line, height in zip(lines, heights, strict=True):
        axes.annotate(
            folded(line.name, LETTERS, 1), (1, height), xycoords="axes fraction", xytext=(5, 0),
            textcoords="offset points", color=PALETTE[line.color], va="center",
            annotation_clip=False,
        )  # fmt: skip


def _sample(color: str, dashed: bool) -> Line2D:
    return Line2D([], [], color=color, ls=DASHES if dashed else "-", lw=1.4)
