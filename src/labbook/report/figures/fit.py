"""The fit over x, where the model has a single input."""

from matplotlib.axes import Axes

from labbook.report.figures.predicted import panels_of
from labbook.report.figures.style import (
    DOTS,
    MAIN,
    Drawing,
    finish,
    name_panel,
    new_figure,
    scale_axis,
)
from labbook.report.study_results import Row, StudyResults, value
from labbook.wording import listing, short

MOST_POINTS = 1600  # of a figure, as shapes; more become one picture, which is smaller


def draw_fit(results: StudyResults) -> Drawing | None:
    """Draw true and predicted values over x; None where rows have no x."""
    table = [row for row in results.table("predictions") if row.get("x")]
    panels = panels_of(results, table)
    if not panels:
        return None
    columns = min(len(panels), 2)
    rows = -(-len(panels) // columns)
    figure = new_figure(0.4 + 2.3 * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    dense = 2 * sum(map(len, panels.values())) > MOST_POINTS
    for axes, (label, points) in zip(grid.flat, panels.items(), strict=False):
        _panel(axes, points, dense)
        name_panel(axes, label, label == results.chosen, columns)
        axes.set_xlabel("x")
        scale_axis(axes, "x", logarithmic=False)
        scale_axis(axes, "y", logarithmic=False)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    for row in grid:
        row[0].set_ylabel("y")
    names = listing(short(label, 60) for label in panels)
    return finish(
        figure, "fit", "Fit over x",
        "Wide pale dots: true values; small dark dots: predictions, for validation rows of each "
        "combination's median run.",
        f"True and predicted values over x for {names}.",
    )  # fmt: skip


def _panel(axes: Axes, points: list[Row], dense: bool) -> None:
    ordered = sorted(points, key=lambda row: value(row, "x"))
    x = [value(row, "x") for row in ordered]
    true = [value(row, "true") for row in ordered]
    predicted = [value(row, "predicted") for row in ordered]
    axes.scatter(x, true, s=26, color=DOTS, alpha=0.45, linewidths=0, rasterized=dense, zorder=2)
    axes.scatter(x, predicted, s=5, color=MAIN, linewidths=0, rasterized=dense, zorder=3)
