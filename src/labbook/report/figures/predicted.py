"""True against predicted values, a panel for each of a few combinations."""

import math

from matplotlib.axes import Axes

from labbook.metrics import higher_is_better
from labbook.report.figures.style import (
    MAIN,
    MUTED,
    Drawing,
    finish,
    name_panel,
    new_figure,
    scale_axis,
)
from labbook.report.study_results import Row, StudyResults, value
from labbook.wording import listing, plain, short

MOST_PANELS = 4
MOST_POINTS = 1500  # of a figure, as shapes; more become one picture, which is smaller


def panels_of(results: StudyResults, table: list[dict[str, str]]) -> dict[str, list[Row]]:
    """Rows by combination for at most four: the best, the reference, the worst, then the first."""
    points: dict[str, list[Row]] = {}
    for row in table:
        if math.isfinite(value(row, "true")) and math.isfinite(value(row, "predicted")):
            points.setdefault(row["combination"], []).append(row)
    ranked = [label for label in _ranked(results) if label in points]
    wanted = [results.chosen, results.reference, *ranked[-1:], *results.labels]
    picked = list(dict.fromkeys(label for label in wanted if label in points))[:MOST_PANELS]
    return {label: points[label] for label in results.labels if label in picked}


def _ranked(results: StudyResults) -> list[str]:
    """Labels with a mean, the best first."""
    means = {label: value(row, "mean") for label, row in results.means.items()}
    known = [label for label, mean in means.items() if math.isfinite(mean)]
    return sorted(known, key=lambda label: means[label], reverse=higher_is_better(results.metric))


def draw_predicted(results: StudyResults) -> Drawing | None:
    """Draw true against predicted with the diagonal; None for classes or one-input fits."""
    table = results.table("predictions")
    panels = panels_of(results, table)
    if not panels or any(row.get("x") for row in table):
        return None
    figure = new_figure(3.0 if len(panels) < 3 else 2.35)
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    low, high = _range(panels)
    dense = sum(map(len, panels.values())) > MOST_POINTS
    for axes, (label, rows) in zip(grid, panels.items(), strict=True):
        _panel(axes, rows, low, high, dense)
        name_panel(axes, label, label == results.chosen, max(len(panels), 3))
        axes.set_xlim(low, high)
        axes.set_ylim(low, high)
        axes.set_aspect("equal")
        scale_axis(axes, "x", logarithmic=False, ticks=5)
        scale_axis(axes, "y", logarithmic=False, ticks=5)
        axes.set_xlabel("true")
    grid[0].set_ylabel("predicted")
    target = plain(results.about["data"].get("target") or "the target")
    return finish(figure, "predicted", "True against predicted", _caption(panels, target),
                  _alt(panels))  # fmt: skip


def _panel(axes: Axes, rows: list[Row], low: float, high: float, dense: bool) -> None:
    axes.plot([low, high], [low, high], color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)
    axes.scatter(
        [value(row, "true") for row in rows], [value(row, "predicted") for row in rows],
        s=8, color=MAIN, alpha=0.45, linewidths=0, zorder=2, rasterized=dense,
    )  # fmt: skip


def _range(panels: dict[str, list[Row]]) -> tuple[float, float]:
    """Ends of both axes: all true values with a margin, so that a wild model hides nothing."""
    true = [value(row, "true") for rows in panels.values() for row in rows]
    margin = 0.08 * (max(true) - min(true)) or 1.0
    return min(true) - margin, max(true) + margin


def _outside(panels: dict[str, list[Row]]) -> int:
    low, high = _range(panels)
    predicted = (value(row, "predicted") for rows in panels.values() for row in rows)
    return sum(not low <= one <= high for one in predicted)


def _caption(panels: dict[str, list[Row]], target: str) -> str:
    text = (
        f"Values of {target} for validation rows of each combination's median run; on the dashed "
        "line a prediction is exact."
    )
    hidden = _outside(panels)
    if hidden:
        points = "1 prediction lies" if hidden == 1 else f"{hidden:,} predictions lie"
        text += f" {points} outside the picture."
    return text


def _alt(panels: dict[str, list[Row]]) -> str:
    names = listing(short(label, 60) for label in panels)
    total = sum(map(len, panels.values()))
    return f"Scatter of {total:,} predicted against true values for {names}."
