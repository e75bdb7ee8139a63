"""Names of lines: at their ends where there is room beside the panel, else in a legend.

Legends of a figure grow with its names: none is cut off.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from labbook.report.figures import PALETTE
from labbook.report.figures.figure import Dots, Figure, Line, Panel
from labbook.report.paper.style import DASHES, SMALL, Sheet
from labbook.report.paper.texts import folded
from labbook.wording import short

End = Literal["outside upper left", "outside lower left"]

GAP, SPARE = 0.08, 0.25  # inches below or above a legend, and beside it: letters differ by format
APART = 0.055  # of the axes' height, between the middles of two names
LETTERS, FEWEST_LETTERS = 36, 8


def explain_colors(drawing: Drawing, figure: Figure) -> None:
    """The figure's own legend, above its panels."""
    if figure.legend:
        _add_legend(
            drawing, legend_samples(figure), list(figure.legend), "outside upper left", SMALL
        )


def name_lines_below(drawing: Drawing, figure: Figure, sheet: Sheet) -> None:
    """The names of all panels' lines, once each: a narrow sheet has no room beside panels."""
    every = [line for panel in figure.panels for line in named_lines(panel, figure)]
    lines = {line.name: line for line in every}
    if lines:
        samples = [_sample(PALETTE[line.color], line.dashed) for line in lines.values()]
        _add_legend(drawing, samples, list(lines), "outside lower left", sheet.font)


def _add_legend(
    drawing: Drawing, samples: Sequence[Line2D], names: Sequence[str], end: End, size: float
) -> None:
    """Make the drawing higher by a legend in as many columns as its width has room for.

    Where one column is too wide, names are shortened.
    """
    longest = max(map(len, names))
    tries = [(columns, longest) for columns in range(len(names), 0, -1)]
    tries += [(1, letters) for letters in range(longest - 1, FEWEST_LETTERS, -1)]
    for columns, letters in tries:
        legend = drawing.legend(
            samples, [short(name, letters) for name in names], loc=end, ncols=columns,
            fontsize=size,
        )  # fmt: skip
        box = legend.get_window_extent()
        if box.width / drawing.dpi <= drawing.get_figwidth() - SPARE:
            break
        legend.remove()
    drawing.set_figheight(drawing.get_figheight() + box.height / drawing.dpi + GAP)


def named_lines(panel: Panel, figure: Figure) -> list[Line]:
    """The lines of a panel whose names no legend of the figure has."""
    lines = [mark for mark in panel.marks if isinstance(mark, Line) and not mark.on_demand]
    known = figure.legend or {}
    return [line for line in lines if line.name and line.name not in known and len(line.x)]


def name_lines(axes: Axes, lines: Sequence[Line], columns: int) -> None:
    """Each line's name: at its right end where the panel has a row to itself."""
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
    # A line may end above or below the picture: its name stands at the edge.
    heights = np.clip([to_axes.transform(end)[1] for end in ends], 0, 1)
    heights = apart(np.nan_to_num(heights, nan=1.0), APART)
    for line, height in zip(lines, heights, strict=True):
        axes.annotate(
            folded(line.name, LETTERS, 1), (1, height), xycoords="axes fraction", xytext=(5, 0),
            textcoords="offset points", color=PALETTE[line.color], va="center",
            annotation_clip=False,
        )  # fmt: skip


def _sample(color: str, dashed: bool) -> Line2D:
    return Line2D([], [], color=color, ls=DASHES if dashed else "-", lw=1.4)
