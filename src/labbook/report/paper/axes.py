"""Axes of a panel: scales, ends, numbers at ticks, names of rows."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from labbook.report.figures import PALETTE
from labbook.report.figures.figure import Axis
from labbook.report.paper.style import Sheet
from labbook.report.paper.texts import folded
from labbook.wording import MINUS, raised

ROTATED_FROM = 4  # names along x that have more letters than this do not stand beside each other
ROWS_ABOVE, ROWS_BELOW = 0.5, 0.5  # room at both ends of an axis with names


def set_scale(axes: Axes, which: str, axis: Axis) -> None:
    """Before marks are drawn: whether the axis is logarithmic, and its label."""
    if axis.log:
        axes.set(**{f"{which}scale": "log"})
    label = axis.label + (" (log)" if axis.log and axis.label else "")
    axes.set(**{f"{which}label": label})


def finish_axis(axes: Axes, which: str, axis: Axis, sheet: Sheet, ticks: int) -> None:
    """After marks are drawn: the ends, and what stands at ticks."""
    if axis.names:
        _name_places(axes, which, axis, sheet)
        return
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    low = low if axis.low is None else axis.low
    high = high if axis.high is None else axis.high
    axes.set(**{f"{which}lim": (low, high)})
    set_ticks(axes, which, axis, ticks)


def set_ticks(axes: Axes, which: str, axis: Axis, ticks: int) -> None:
    """A few ticks with plain numbers."""
    low, high = sorted(axes.get_xlim() if which == "x" else axes.get_ylim())
    shown = axes.xaxis if which == "x" else axes.yaxis
    if axis.log:
        few = high < 100 * low
        shown.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=ticks))
        shown.set_minor_formatter(NullFormatter())
        powers = low < 1e-3 or high >= 1e6
    else:
        steps: dict[str, Any] = {"steps": [1, 2, 5, 10], "integer": axis.whole}
        shown.set_major_locator(MaxNLocator(ticks - 1, **steps))
        largest = max(abs(low), abs(high))
        powers = largest < 1e-2 or largest >= 1e6
    shown.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, powers)))


def tick_text(value: float, powers: bool = False) -> str:
    """A number without superfluous zeros, or as a power of ten."""
    text = f"{value:,.10g}"
    if powers and value != 0:
        mantissa, exponent = f"{value:.1e}".split("e")
        mantissa, power = mantissa.removesuffix(".0"), "10" + raised(int(exponent))
        text = power if mantissa == "1" else f"{mantissa}×{power}"
    return text.replace("-", MINUS)


def _name_places(axes: Axes, which: str, axis: Axis, sheet: Sheet) -> None:
    """Places 0, 1, ... with their names: along x, or in rows from the top down."""
    last = len(axis.names) - 1
    if which == "y":
        names = [folded(name, sheet.letters) for name in axis.names]
        axes.set_ylim(last + ROWS_BELOW, -ROWS_ABOVE)
        axes.set_yticks(range(len(names)), names, linespacing=0.95)
    else:
        room = max(4, round(2.2 * sheet.letters / len(axis.names)))
        longest = max(map(len, axis.names))
        upright = longest > max(room, ROTATED_FROM)
        names = [folded(name, 14 if upright else room, 1 if upright else 2) for name in axis.names]
        axes.set_xlim(-ROWS_ABOVE, last + ROWS_BELOW)
        axes.set_xticks(range(len(names)), names, rotation=90 if upright else 0)
    texts = axes.get_yticklabels() if which == "y" else axes.get_xticklabels()
    for place, text in enumerate(texts):
        text.set_color(PALETTE["ink"])
        text.set_fontweight("bold" if place == axis.strong else "normal")
    axes.grid(axis=which, visible=False)  # type: ignore[arg-type]
