"""Draws marks that fill a panel: shaded cells, small pictures, parallel coordinates."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from labbook.report.figures import PALETTE
from labbook.report.figures.figure import Axis, Cells, Parallel, Pictures
from labbook.report.paper.axes import tick_text
from labbook.report.paper.style import SMALL
from labbook.report.paper.texts import folded

SHADES = 12  # steps of a cell's shade
RIGHT, WRONG = 0.85, 0.4  # the deepest shades
SIDE = 0.94  # of a cell, whose neighbours begin at 1
LETTERS = 7.0  # height of the text in a cell, points


def draw_cells(axes: Axes, cells: Cells) -> None:
    """A matrix of squares: the deeper the larger; those that are bad in another colour."""
    values = np.asarray(cells.values, float)
    shades = np.asarray(cells.shades, float) if len(cells.shades) else _between(values)
    wrong = np.asarray(cells.wrong, bool) if len(cells.wrong) else np.zeros(values.shape, bool)
    corner = (1 - SIDE) / 2 - 0.5
    steps = np.where(np.isfinite(values), np.rint(np.clip(shades, 0, 1) * SHADES), 0)
    empty = np.argwhere(np.isfinite(values) & (steps == 0)) + corner
    _squares(axes, empty.tolist(), SIDE, PALETTE["line"], 0.45)
    for bad, color, deepest in ((False, "main", RIGHT), (True, "bad", WRONG)):
        for step in range(1, SHADES + 1):
            places = np.argwhere((steps == step) & (wrong == bad)) + corner
            _squares(axes, places.tolist(), SIDE, PALETTE[color], deepest * step / SHADES)
    for y, row in enumerate(cells.texts):
        for x, text in enumerate(row):
            deep = RIGHT * steps[y, x] / SHADES > 0.5 and not wrong[y, x]
            ink = PALETTE["paper" if deep else "ink"]
            axes.text(x, y, text, ha="center", va="center", fontsize=6.5, color=ink)
    axes.set(xlim=(-0.5, values.shape[1] - 0.5), ylim=(values.shape[0] - 0.5, -0.5))
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def draw_pictures(axes: Axes, pictures: Pictures) -> None:
    """Grey images in rows of six, each under its caption."""
    across = min(6, max(1, len(pictures.pixels)))
    side, wide, high = pictures.side, 1.25 * pictures.side, 1.5 * pictures.side
    rows = -(-len(pictures.pixels) // across)
    sheet = np.full((int(high * rows), int(wide * across)), 255, np.uint8)
    for number, (image, caption) in enumerate(zip(pictures.pixels, pictures.captions, strict=True)):
        top, left = int(high * (number // across)), int(wide * (number % across))
        ink = np.asarray(image, np.uint8).reshape(side, side)
        sheet[top : top + side, left : left + side] -= ink
        axes.text(left, top - 0.06 * side, folded(caption, 18), fontsize=SMALL, va="bottom")
    ends = (0, sheet.shape[1], sheet.shape[0], 0)
    axes.imshow(sheet, "gray", vmin=0, vmax=255, extent=ends, interpolation="none")
    axes.set(xlim=(0, wide * across), ylim=(high * rows - 0.5 * side, -0.4 * side), aspect="equal")
    axes.set_axis_off()


def draw_parallel(axes: Axes, parallel: Parallel) -> None:
    """A line per combination over upright axes, each with its own ends."""
    places = range(len(parallel.axes))
    shares = np.array([_shares(a, v) for a, v in zip(parallel.axes, parallel.values, strict=True)])
    shades = parallel.shades if len(parallel.shades) else np.full(shares.shape[1], 0.5)
    steps = np.rint(np.clip(np.asarray(shades, float), 0, 1) * 8)
    for step, group in groupby(sorted(enumerate(steps), key=lambda pair: pair[1]), lambda p: p[1]):
        lines = [shares[:, number] for number, _ in group]
        x = [[*places, np.nan] for _ in lines]
        y = [[*line, np.nan] for line in lines]
        alpha = 0.12 + 0.1 * step
        axes.plot(np.ravel(x), np.ravel(y), color=PALETTE["main"], lw=1, alpha=alpha, zorder=2)
    for place, (axis, values) in enumerate(zip(parallel.axes, parallel.values, strict=True)):
        axes.axvline(place, color=PALETTE["muted"], lw=0.7, zorder=3)
        for share, text in _axis_texts(axis, values):
            axes.annotate(
                text, (place, share), xytext=(4, 0), textcoords="offset points", va="center",
                fontsize=SMALL, zorder=4,
            )  # fmt: skip
    names = [folded(axis.label, max(8, 80 // len(names_of(parallel)))) for axis in parallel.axes]
    axes.set(xlim=(-0.1, len(names) - 0.6), ylim=(-0.06, 1.06))
    axes.set_xticks(places, names)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def names_of(parallel: Parallel) -> list[str]:
    """The labels of its axes."""
    return [axis.label for axis in parallel.axes]


def _shares(axis: Axis, values: "np.typing.ArrayLike") -> np.ndarray:
    """Heights from 0 to 1 of values on an axis."""
    numbers = np.asarray(values, float)
    if axis.log:
        numbers = np.log(numbers)
    low, high = (np.nanmin(numbers), np.nanmax(numbers)) if not axis.names else (
        0.0, len(axis.names) - 1.0,
    )  # fmt: skip
    return np.asarray((numbers - low) / ((high - low) or 1.0))


def _axis_texts(axis: Axis, values: "np.typing.ArrayLike") -> Iterator[tuple[float, str]]:
    if axis.names:
        last = max(len(axis.names) - 1, 1)
        yield from ((place / last, folded(name, 14, 1)) for place, name in enumerate(axis.names))
        return
    numbers = np.asarray(values, float)
    for share, end in ((0.0, np.nanmin(numbers)), (1.0, np.nanmax(numbers))):
        yield share, tick_text(float(f"{end:.3g}"), powers=abs(end) < 1e-3)


def _squares(
    axes: Axes, places: list[tuple[float, float]], side: float, color: str, alpha: float
) -> None:
    """Squares of one look as one path, by their upper left corners (y, x)."""
    if not places:
        return
    shape = np.array([[0, 0], [side, 0], [side, side], [0, side], [0, 0]], float)
    corners = np.array([(x, y) for y, x in places])[:, None, :] + shape
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(places)
    path = Path(corners.reshape(-1, 2), codes)
    axes.add_patch(PathPatch(path, facecolor=color, alpha=round(alpha, 2), linewidth=0))


def _between(values: np.ndarray) -> np.ndarray:
    """Shades between the least and the greatest of values."""
    low, high = np.nanmin(values), np.nanmax(values)
    return np.asarray((values - low) / ((high - low) or 1.0))
