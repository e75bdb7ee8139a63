"""How figures look on paper: matplotlib's settings, and the room that there is."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib.style

from labbook.report.figures import PALETTE

DASHES = (0, (4, 2.5))
FONT = 8.5  # points
SMALL = 7.5

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": FONT,
    "text.color": PALETTE["ink"],
    "text.parse_math": False,  # labels are text, whatever dollar signs they hold
    "axes.edgecolor": PALETTE["muted"],
    "axes.labelcolor": PALETTE["muted"],
    "axes.labelsize": FONT,
    "axes.titlesize": FONT,
    "axes.titlelocation": "left",
    "axes.titlecolor": PALETTE["ink"],
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALETTE["line"],
    "grid.linewidth": 0.7,
    "xtick.color": PALETTE["muted"],
    "ytick.color": PALETTE["muted"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "figure.facecolor": PALETTE["paper"],
    "axes.facecolor": "none",
    "savefig.facecolor": PALETTE["paper"],
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,  # text of a PDF stays text: publishers ask for it
}


@dataclass(frozen=True)
class Sheet:
    """The room for a figure. `width` in inches, the figure's own where None."""

    width: float | None = None
    most_columns: int | None = None  # panels beside each other
    font: float = FONT
    letters: int = 34  # of a row's name, in one line
    narrow: bool = False  # what else stands beside a panel stands in it or below


PAGE = Sheet()
# The columns of most journals.
COLUMNS = {1: Sheet(3.35, 2, 7.5, 20, narrow=True), 2: Sheet(7.0, None, 8.0, 32)}


@contextmanager
def house_style(sheet: Sheet = PAGE, fonts: Sequence[str] = ()) -> Iterator[None]:
    """Matplotlib's defaults and ours, whatever the user's own settings; restored afterwards.

    Letters that our font lacks are those of `fonts`.
    """
    families = {"font.family": [STYLE["font.family"], *fonts]}
    sizes = dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize"), sheet.font)
    with matplotlib.style.context(["default", STYLE | sizes | families]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
