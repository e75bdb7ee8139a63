"""How figures look, and how they become files: equal bytes for equal figures, on any machine."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from labbook.report.figures import PALETTE

INK, MUTED, GRID, PAPER = (PALETTE[name] for name in ("ink", "muted", "line", "paper"))
MAIN, SECOND, WARNING, DOTS = (PALETTE[name] for name in ("main", "second", "bad", "dots"))
WIDTH = 7.4  # inches

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
    """A finished figure: what one sees, in words, and the contents of its files."""

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


def finish(figure: Figure, title: str, caption: str, alt: str) -> Drawing:
    """Turn a figure into the bytes of its two files.

    By the canvases themselves: `savefig` would draw each picture once more, for its layout.
    """
    svg, png = io.BytesIO(), io.BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    FigureCanvasSVG(figure).print_svg(svg, metadata=nothing)
    figure.set_layout_engine("none")  # the places of the first picture hold for the second
    figure.set_dpi(150)
    FigureCanvasAgg(figure).print_png(png, metadata={"Software": None})
    return Drawing(title, caption, alt, _smaller(svg.getvalue().decode()).encode(), png.getvalue())


def _smaller(svg: str) -> str:
    """Round coordinates to a hundredth of a point, and say the style of a group of dots once."""

    def rounded(match: re.Match[str]) -> str:
        return f"{float(match[0]):.2f}".rstrip("0").rstrip(".").replace("-0", "0", match[0] == "-0")

    def styled_once(match: re.Match[str]) -> str:
        styles = set(re.findall(r' style="[^"]*"', match[2]))
        if len(styles) != 1 or " style=" in match[1]:
            return match[0]
        style = styles.pop()
        return f"<g{match[1]}{style}>\n{match[2].replace(style, '')}</g>"

    coordinates = r' (?:d|x|y|points|transform)="[^"]*"'
    svg = re.sub(coordinates, lambda match: re.sub(r"-?\d+\.\d+", rounded, match[0]), svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    return re.sub(r"<g([^>]*)>\n((?:<use [^>]*/>\n)+)</g>", styled_once, svg)
