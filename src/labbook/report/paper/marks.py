"""Draws marks with matplotlib, a function each."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from labbook.report.figures import PALETTE
from labbook.report.figures.figure import Bars, Dots, Line, Note, Numbers, Rule
from labbook.report.paper.style import DASHES, SMALL, Sheet

PIXELS = 96 / 72  # px of a page in a point
BAND, FAINT = 0.16, 0.45
SHADES = 8  # steps between pale and full: what differs less is not seen
PALEST = 0.2


def draw_line(axes: Axes, line: Line) -> None:
    """A line with its band; single runs that a page shows on demand are not on paper."""
    if line.on_demand:
        return
    color = PALETTE[line.color]
    if len(line.low):
        axes.fill_between(line.x, line.low, line.high, color=color, alpha=BAND, lw=0, zorder=2)
    axes.plot(
        line.x, line.y, color=color, ls=DASHES if line.dashed else "-", zorder=3,
        lw=0.8 if line.thin else 1.4, alpha=0.7 if line.thin else None,
    )  # fmt: skip


def draw_dots(axes: Axes, dots: Dots) -> None:
    """Dots with their intervals; groups of one size and shade at once."""
    color = PALETTE[dots.color]
    x, y = np.asarray(dots.x, float), np.asarray(dots.y, float)
    edged = bool(len(dots.x_low) or len(dots.y_low)) and not dots.hollow
    edge = PALETTE["paper"] if edged else "none"
    if len(dots.x_low):
        _intervals(axes, dots.x_low, dots.x_high, y, color, upright=False)
    if len(dots.y_low):
        _intervals(axes, dots.y_low, dots.y_high, x, color, upright=True)
    sizes = np.asarray(dots.sizes, float) if len(dots.sizes) else np.full(len(x), dots.size)
    shades = np.asarray(dots.shades, float) if len(dots.shades) else np.ones(len(x))
    steps = np.rint(np.clip(shades, 0, 1) * SHADES) / SHADES
    for size, step in sorted({*zip(sizes.tolist(), steps.tolist(), strict=True)}, reverse=True):
        these = (sizes == size) & (steps == step)
        alpha = (PALEST + (1 - PALEST) * step) * (FAINT if dots.faint else 1)
        axes.plot(
            x[these], y[these], ls="none", marker="o", ms=size / PIXELS, zorder=5,
            color=PALETTE["paper"] if dots.hollow else color,
            mec=color if dots.hollow else edge, mew=1.4 if dots.hollow else float(edged),
            alpha=alpha if alpha < 1 else None,
        )  # fmt: skip


def draw_bars(axes: Axes, bars: Bars) -> None:
    """Bars at places with names, or between edges, with lines for their intervals."""
    length = np.asarray(bars.length, float)
    colors = [PALETTE[color] for color in bars.colors] or PALETTE[bars.color]
    if len(bars.edges):
        edges = np.asarray(bars.edges, float)
        middles, wide = (edges[:-1] + edges[1:]) / 2, 0.92 * np.diff(edges)
    else:
        middles = np.asarray(bars.places if len(bars.places) else range(len(length)), float)
        wide = np.full(len(length), 0.6)
    if bars.flat:
        axes.barh(middles, length, height=wide, color=colors, zorder=2)
    else:
        axes.bar(middles, length, width=wide, color=colors, zorder=2)
    if len(bars.low):
        _intervals(axes, bars.low, bars.high, middles, PALETTE["ink"], not bars.flat, 1.4)


def draw_rule(axes: Axes, rule: Rule) -> None:
    """A dashed line across the panel."""
    look: dict[str, Any] = {"color": PALETTE[rule.color], "lw": 0.9, "ls": DASHES, "zorder": 1}
    if rule.x is not None:
        axes.axvline(rule.x, **look)
    elif rule.y is not None:
        axes.axhline(rule.y, **look)
    else:
        axes.axline((0, 0), slope=1, **look)


def draw_note(axes: Axes, note: Note, sheet: Sheet) -> None:
    """What has no place on an axis, beside its row, where it covers nothing, or above the panel.

    On a narrow sheet that of a row stands between the rows.
    """
    small = min(SMALL, sheet.font - 1)
    look: dict[str, Any] = {"color": PALETTE[note.color], "fontsize": small, "zorder": 7}
    if note.row is None:
        axes.annotate(
            note.text, (1, 1), xycoords="axes fraction", xytext=(0, 2), ha="right", va="bottom",
            textcoords="offset points", annotation_clip=False, **look,
        )  # fmt: skip
        return
    if sheet.narrow:
        text, place = note.text.replace("\n", "; "), (1, note.row - 0.28)
        where: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "ha": "right"}
        axes.annotate(text, place, va="bottom", **where, **look)
        return
    axes.annotate(
        note.text, (1, note.row), xycoords=("axes fraction", "data"), xytext=(4, 0),
        textcoords="offset points", va="center", annotation_clip=False, **look,
    )  # fmt: skip


def _intervals(
    axes: Axes, low: Numbers, high: Numbers, at: Sequence[float] | np.ndarray, color: str,
    upright: bool, width: float = 2.2,
) -> None:  # fmt: skip
    """Thick lines from low to high, as far as both are finite."""
    ends = np.column_stack([low, high]).astype(float)
    there = np.isfinite(ends).all(axis=1)
    limits = axes.vlines if upright else axes.hlines
    limits(np.asarray(at)[there], ends[there, 0], ends[there, 1], color=color, lw=width, zorder=4)


DRAWN: dict[type, Callable[[Axes, Any], None]] = {
    Line: draw_line,
    Dots: draw_dots,
    Bars: draw_bars,
    Rule: draw_rule,
}
