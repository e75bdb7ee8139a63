"""Names of lines: at their ends where there is room beside the panel, else in a legend."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from labbook.report.figures import PALETTE
from labbook.report.figures.figure import Dots, Figure, Line, Panel
from labbook.report.paper.style import DASHES, SMALL, Sheet
from labbook.report.paper.texts import folded
from labbook.wording import short

APART = 0.055  # of the axes' height, between the middles of two names
LETTERS = 36


def lines_named_below(figure: Figure, sheet: Sheet) -> int:
    """How many lines a legend below the only panel of a narrow sheet has."""
    if not sheet.narrow or len(figure.panels) > 1:
        return 0
    return len(named_lines(figure.panels[0], figure))


def named_lines(panel: Panel, figure: Figure) -> list[Line]:
    """The lines of a panel whose names no legend of the figure has."""
    lines = [mark for mark in panel.marks if isinstance(mark, Line) and not mark.on_demand]
    known = figure.legend or {}
    return [line for line in lines if line.name and line.name not in known and len(line.x)]


def name_lines(axes: Axes, lines: Sequence[Line], columns: int, sheet: Sheet) -> None:
    """Each line's name: at its right end where the panel has a row to itself."""
    if columns == 1 and sheet.narrow and lines:
        samples = [_sample(PALETTE[line.color], line.dashed) for line in lines]
        names = [short(line.name, 2 * sheet.letters) for line in lines]
        axes.legend(samples, names, loc="upper left", bbox_to_anchor=(-0.1, -0.22), borderpad=0)
    elif columns == 1:
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
