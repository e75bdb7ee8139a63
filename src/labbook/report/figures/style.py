"""How figures look, and how they become bytes: equal ones for equal figures, on any machine."""

import io
import re
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from labbook.report.palette import PALETTE
from labbook.wording import MINUS, plain, raised, short

INK, MUTED, GRID, PAPER = (PALETTE[name] for name in ("ink", "muted", "line", "paper"))
MAIN, SECOND, WARNING, DOTS = (PALETTE[name] for name in ("main", "second", "bad", "dots"))
WIDTH = 7.4  # inches
LOG_FROM = 30.0  # a logarithmic axis where values span more than this factor

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "text.parse_math": False,  # labels are text, whatever dollar signs they hold
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 8.5,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",  # text stays text: small, selectable, in the report's own font
    "svg.hashsalt": "labbook",
}


@dataclass(frozen=True)
class Drawing:
    """A finished figure: what it is called, what one sees, and its files' contents."""

    name: str
    title: str
    caption: str
    alt: str
    svg: bytes
    png: bytes


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's defaults and ours, whatever the user's own settings; restored afterwards."""
    with matplotlib.style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure that no global list of figures knows of; sizes in inches."""
    return Figure(figsize=(width, height))


def finish(figure: Figure, name: str, title: str, caption: str, alt: str) -> Drawing:
    """Turn a figure into the bytes of its two files."""
    svg, png = io.BytesIO(), io.BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(svg, format="svg", dpi=150, metadata=nothing)
    figure.set_layout_engine("none")  # the places of the first picture hold for the second
    figure.savefig(png, format="png", dpi=150, metadata={"Software": None})
    return Drawing(name, title, caption, alt, _slim(svg.getvalue()), png.getvalue())


def _slim(svg: bytes) -> bytes:
    """Round coordinates to a hundredth of a point; finer ones cannot be seen."""

    def rounded(match: re.Match[str]) -> str:
        return f"{float(match[0]):.2f}".rstrip("0").rstrip(".").replace("-0", "0", match[0] == "-0")

    def shortened(match: re.Match[str]) -> str:
        return re.sub(r"-?\d+\.\d+", rounded, match[0])

    text = svg.decode()
    text = re.sub(r' (?:d|x|y|points|transform)="[^"]*"', shortened, text)
    text = re.sub(r"\s*\n\s*", "\n", text)
    return re.sub(r"<g([^>]*)>\n((?:<use [^>]*/>\n)+)</g>", _styled_once, text).encode()


def _styled_once(match: re.Match[str]) -> str:
    """A group of dots whose common style stands at the group alone."""
    styles = set(re.findall(r' style="[^"]*"', match[2]))
    if len(styles) != 1 or " style=" in match[1]:
        return match[0]
    style = styles.pop()
    return f"<g{match[1]}{style}>\n{match[2].replace(style, '')}</g>"


def tick_text(value: float, powers: bool) -> str:
    """A tick's number without superfluous zeros, as a power of ten where the axis has `powers`."""
    text = f"{value:,.10g}"
    if powers and value != 0:
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        mantissa, power = mantissa.removesuffix(".0"), "10" + raised(int(exponent))
        text = power if mantissa == "1" else f"{mantissa}×{power}"
    return text.replace("-", MINUS)


def spans_widely(values: list[float]) -> bool:
    """Whether positive values span so much that a logarithmic axis shows them better."""
    return bool(values) and min(values) > 0 and max(values) > LOG_FROM * min(values)


def scale_axis(axes: Axes, which: str, logarithmic: bool, ticks: int = 6) -> None:
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
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, powers)))


def name_panel(axes: Axes, label: str, best: bool, columns: int) -> None:
    """Head a panel, one of `columns` in its row, by its combination in two lines at most."""
    room = round(104 / columns) - 3
    lines = textwrap.wrap(plain(label) + (" · best" if best else ""), room, break_on_hyphens=False)
    text = "\n".join([*lines[:1], *([short(" ".join(lines[1:]), room)] if lines[1:] else [])])
    axes.set_title(text, fontsize=8, fontweight="bold" if best else "normal")
