"""Draws a figure: its panels in rows, their marks, titles and legend; and makes files of it."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing

from labbook.report.figures.figure import Cells, Figure, Note, Panel, Parallel, Pictures
from labbook.report.paper.axes import finish_axis, set_scale
from labbook.report.paper.marks import DRAWN, draw_note
from labbook.report.paper.matrices import draw_cells, draw_parallel, draw_pictures
from labbook.report.paper.names import explain_colors, name_lines, name_lines_below, named_lines
from labbook.report.paper.style import PAGE, SMALL, Sheet, house_style
from labbook.report.paper.svg import as_svg
from labbook.report.paper.texts import folded

TITLE = 0.4  # inches of words above
FULL: dict[type, Callable[[Axes, Any], None]] = {
    Cells: draw_cells,
    Pictures: draw_pictures,
    Parallel: draw_parallel,
}
DPI = 150


def page_files(figure: Figure) -> tuple[bytes, bytes]:
    """The SVG and the PNG of a figure as the page shows it."""
    with house_style():
        drawing = drawn(figure, PAGE)
        png = io.BytesIO()
        drawing.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
        drawing.set_layout_engine("none")  # the places of the first picture hold for the second
        return as_svg(drawing).encode(), png.getvalue()


def drawn(figure: Figure, sheet: Sheet) -> Drawing:
    """The figure with all its panels; layout is found when it is first saved."""
    columns = min(figure.columns, len(figure.panels), sheet.most_columns or figure.columns)
    rows = -(-len(figure.panels) // columns)
    width = sheet.width or figure.width
    drawing = Drawing(figsize=(width, rows * _row_height(figure, width / columns)))
    FigureCanvasAgg(drawing)
    grid = drawing.subplots(
        rows, columns, squeeze=False, sharex=figure.share_x, sharey=figure.share_y,
        height_ratios=_heights(figure.panels, rows, columns),
    )  # fmt: skip
    explain_colors(drawing, figure)
    if sheet.narrow:
        name_lines_below(drawing, figure, sheet)
    for axes in grid.flat[len(figure.panels) :]:
        axes.set_visible(False)
    for place, (axes, panel) in enumerate(zip(grid.flat, figure.panels, strict=False)):
        _draw_panel(axes, panel, figure, sheet, columns)
        if figure.share_x:
            last = place + columns >= len(figure.panels)
            axes.tick_params(labelbottom=last)
            axes.set_xlabel(axes.get_xlabel() if last else "")
        if figure.share_y and place % columns:
            axes.set_ylabel("")
    return drawing


def _row_height(figure: Figure, wide: float) -> float:
    """Inches of a row of panels, each so `wide`: squares need no more than they fill."""
    square = all(panel.square for panel in figure.panels)
    return min(figure.height, wide + TITLE) if square else figure.height


def _heights(panels: Sequence[Panel], rows: int, columns: int) -> list[float]:
    """Rows of panels have the same height; but of panels of rows, each row has."""
    if columns == 1 and all(panel.y.names for panel in panels):
        return [1.5 + len(panel.y.names) for panel in panels]
    return [1.0] * rows


def _draw_panel(axes: Axes, panel: Panel, figure: Figure, sheet: Sheet, columns: int) -> None:
    room = round((sheet.width or figure.width) * 14.4 / columns) - 3
    title = folded(panel.title, room)
    noted = any(isinstance(mark, Note) and mark.row is None for mark in panel.marks)
    pad = 1.8 * SMALL if noted else None  # points: a note stands below the title
    axes.set_title(title, fontweight="bold" if panel.strong else "normal", pad=pad)
    full = [mark for mark in panel.marks if type(mark) in FULL]
    set_scale(axes, "x", panel.x)
    set_scale(axes, "y", panel.y)
    if panel.y.names:
        axes.spines["left"].set_visible(False)
    for mark in panel.marks:
        if isinstance(mark, Note):
            draw_note(axes, mark, sheet)
        else:
            (FULL if type(mark) in FULL else DRAWN)[type(mark)](axes, mark)
    if not any(isinstance(mark, Pictures | Parallel) for mark in full):
        ticks = 5 if columns > 2 or sheet.narrow else 8 - columns
        finish_axis(axes, "x", panel.x, sheet, ticks)
        finish_axis(axes, "y", panel.y, sheet, min(ticks, 6))
        if panel.square or any(isinstance(mark, Cells) for mark in full):
            axes.set_aspect("equal")
    if not sheet.narrow:
        name_lines(axes, named_lines(panel, figure), columns)
