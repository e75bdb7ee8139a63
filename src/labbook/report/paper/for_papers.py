"""Figures for papers: by the width of a journal's column, as PDF, SVG or PNG."""

import io
from collections.abc import Callable, Sequence

from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import get_font_names

from labbook.errors import LabbookError
from labbook.report.figures.figure import Figure
from labbook.report.paper.draw import drawn
from labbook.report.paper.style import COLUMNS, house_style
from labbook.report.paper.svg import as_svg

DPI = 300  # of a PNG: what publishers ask for


def paper_figure(
    figure: Figure, format: str = "pdf", columns: int = 1, fonts: Sequence[str] = ()
) -> bytes:
    """The file of a figure that is one or two columns of a paper wide: 3.35 or 7 inches.

    `fonts` have the letters that our own lacks. Text of a PDF is text in embedded TrueType fonts
    (Type 42). Equal figures give equal bytes. Raises `LabbookError` for another format or number
    of columns.
    """
    if format not in FORMATS:
        raise LabbookError(f"format {format}: not known; allowed: {', '.join(FORMATS)}.")
    if columns not in COLUMNS:
        raise LabbookError(f"columns {columns}: a figure is 1 or 2 columns of a paper wide.")
    with house_style(COLUMNS[columns], fonts):
        return FORMATS[format](drawn(figure, COLUMNS[columns]))


def fonts_here(wanted: Sequence[str]) -> list[str]:
    """The fonts of these names that this machine has."""
    known = set(get_font_names())
    return [name for name in wanted if name in known]


def _pdf(drawing: Drawing) -> bytes:
    content = io.BytesIO()
    nothing = dict.fromkeys(("CreationDate", "Creator", "Producer"))
    drawing.savefig(content, format="pdf", metadata=nothing)
    return content.getvalue()


def _png(drawing: Drawing) -> bytes:
    content = io.BytesIO()
    drawing.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()


def _svg(drawing: Drawing) -> bytes:
    drawing.draw_without_rendering()  # finds the layout, which is then fixed
    drawing.set_layout_engine("none")
    return as_svg(drawing).encode()


FORMATS: dict[str, Callable[[Drawing], bytes]] = {"pdf": _pdf, "svg": _svg, "png": _png}
