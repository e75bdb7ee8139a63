"""The fit over x, where the model has a single input."""

from labbook.report.figures.axes import name_panel, panel_grid, scale_axis
from labbook.report.figures.predicted import of_some
from labbook.report.figures.style import DOTS, MAIN, Drawing, finish
from labbook.report.study_results import StudyResults
from labbook.wording import listing, short

MOST_POINTS = 1600  # of a figure, as shapes; more become one picture, which is smaller


def draw_fit(results: StudyResults) -> Drawing | None:
    """Draw true and predicted values over x; None where rows have no x."""
    predictions = results.frame("predictions", "x", "true", "predicted")
    panels = of_some(results, predictions[predictions["x"].notna()])
    if not panels:
        return None
    columns = min(len(panels), 2)
    figure, grid = panel_grid(len(panels), columns, height=2.3, more=0.4)
    dense = 2 * sum(map(len, panels.values())) > MOST_POINTS
    for axes, (label, points) in zip(grid.flat, panels.items(), strict=False):
        ordered = points.sort_values("x", kind="stable")
        for column, look in (
            ("true", {"s": 26, "color": DOTS, "alpha": 0.45, "zorder": 2}),
            ("predicted", {"s": 5, "color": MAIN, "zorder": 3}),
        ):
            axes.scatter(ordered["x"], ordered[column], linewidths=0, rasterized=dense, **look)
        name_panel(axes, label, label == results.best, columns)
        axes.set_xlabel("x")
        scale_axis(axes, "x")
        scale_axis(axes, "y")
    for row in grid:
        row[0].set_ylabel("y")
    return finish(
        figure, "Fit over x",
        "Wide pale dots: true values; small dark dots: predictions, for validation rows of each "
        "combination's median run.",
        f"True and predicted values over x for {listing(short(label, 60) for label in panels)}.",
    )  # fmt: skip
