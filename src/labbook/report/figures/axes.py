"""Parts that several figures share: scales, rows and panels by combination, means."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from labbook.report.figures.style import INK, PAPER, new_figure
from labbook.wording import MINUS, metric_name, plain, raised, short

LOG_FROM = 30.0  # a logarithmic axis where values span more than this factor
LABEL = 34  # characters of a row's name


def spans_widely(values: Sequence[float]) -> bool:
    """Whether positive values span so much that a logarithmic axis shows them better."""
    return bool(values) and min(values) > 0 and max(values) > LOG_FROM * min(values)


def scale_axis(axes: Axes, which: str, logarithmic: bool = False, ticks: int = 6) -> None:
    """Give the axis `x` or `y` its scale and plain numbers at a few ticks."""
    axis: Axis = axes.xaxis if which == "x" else axes.yaxis
    if logarithmic:
        axes.set(**{f"{which}scale": "log"})
        low, high = sorted(axes.get_xlim() if which == "x" else axes.get_ylim())
        few = high < 100 * low
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=ticks))
        axis.set_minor_formatter(NullFormatter())
        powers = low < 1e-3 or high >= 1e6
    else:
        axis.set_major_locator(MaxNLocator(ticks - 1, steps=[1, 2, 5, 10]))
        largest = max(map(abs, axes.get_xlim() if which == "x" else axes.get_ylim()))
        powers = largest < 1e-2 or largest >= 1e6

    def tick_text(value: float, _: int | None) -> str:
        """A number without superfluous zeros, or as a power of ten."""
        text = f"{value:,.10g}"
        if powers and value != 0:
            mantissa, exponent = f"{value:.1e}".split("e")
            mantissa, power = mantissa.removesuffix(".0"), "10" + raised(int(exponent))
            text = power if mantissa == "1" else f"{mantissa}×{power}"
        return text.replace("-", MINUS)

    axis.set_major_formatter(FuncFormatter(tick_text))


def value_axis(axes: Axes, metric: str, values: Sequence[float]) -> None:
    """The x axis of a metric's `values`, with room at both sides."""
    logarithmic = spans_widely(values)
    axes.margins(x=0.06)
    if logarithmic:
        axes.set_xlim(min(values) / 1.6, max(values) * 1.6)
    scale_axis(axes, "x", logarithmic, ticks=7)
    axes.set_xlabel(metric_name(metric) + (" (logarithmic)" if logarithmic else ""))


def name_rows(axes: Axes, names: Sequence[str], top: float) -> None:
    """Rows at y = 0, 1, ... from the top down, with their names; `top` is the room above them."""
    axes.set_ylim(len(names) - 0.4, -top)
    axes.set_yticks(range(len(names)), names)
    for text in axes.get_yticklabels():
        text.set_color(INK)
    axes.grid(axis="y", visible=False)


def draw_mean(
    axes: Axes, row: int, mean: tuple[float, float, float], color: str, least: float
) -> None:
    """A mean's large dot over the bar of its interval, as far as they are finite.

    `least` is where the bar begins at the latest: an interval below 0 has no logarithm.
    """
    middle, low, high = mean
    if math.isfinite(low) and math.isfinite(high):
        ends = [max(low, least), high]
        axes.plot(ends, [row, row], color=color, lw=2.2, solid_capstyle="butt", zorder=4)
    if math.isfinite(middle):
        axes.scatter([middle], [row], s=34, color=color, edgecolors=PAPER, linewidths=1, zorder=5)


def note_at_end(axes: Axes, row: int, text: str, color: str) -> None:
    """What has no place on the axis is said at the end of its row."""
    axes.annotate(
        f"✕ {text}", (1, row), xycoords=("axes fraction", "data"), ha="right", va="center",
        color=color, fontsize=7.5, zorder=7,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip


def panel_grid(
    panels: int, columns: int, height: float, more: float, *, sharex: bool = True
) -> tuple[Figure, Any]:
    """A figure of panels on shared axes, and these as an array (rows, columns); spare ones hidden.

    `height` is that of a row of panels in inches, `more` that of all else.
    """
    rows = -(-panels // columns)
    figure = new_figure(more + height * rows)
    grid = figure.subplots(rows, columns, sharex=sharex, sharey=True, squeeze=False)
    for axes in grid.flat[panels:]:
        axes.set_visible(False)
    return figure, grid


def name_panel(axes: Axes, label: str, best: bool, columns: int) -> None:
    """Head a panel, one of `columns` in its row, by its combination in two lines at most."""
    room = round(104 / columns) - 3
    lines = textwrap.wrap(plain(label) + (" · best" if best else ""), room, break_on_hyphens=False)
    text = "\n".join([*lines[:1], *([short(" ".join(lines[1:]), room)] if lines[1:] else [])])
    axes.set_title(text, fontsize=8, fontweight="bold" if best else "normal")
