"""What is left of the target once the prediction is taken away, over the prediction."""

import numpy as np

from labbook.report.figures.axes import scale_axis
from labbook.report.figures.predicted import MOST_POINTS
from labbook.report.figures.style import MAIN, MUTED, Drawing, finish, new_figure
from labbook.report.study_results import StudyResults
from labbook.wording import plain, short


def draw_residuals(results: StudyResults) -> Drawing | None:
    """Draw residuals of the chosen combination's median run; None for classes and functions."""
    rows = results.frame("predictions", "x", "true", "predicted")
    rows = rows[rows["combination"] == results.chosen]
    rows = rows[np.isfinite(rows[["true", "predicted"]]).all(axis=1)]
    if rows.empty or results.about["data"].get("kind") != "table" or rows["x"].notna().any():
        return None
    left = rows["true"] - rows["predicted"]
    figure = new_figure(2.6)
    points, bars = figure.subplots(1, 2, width_ratios=[2.2, 1], sharey=True)
    points.axhline(0, color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)
    points.scatter(
        rows["predicted"], left, s=8, color=MAIN, alpha=0.45, linewidths=0, zorder=2,
        rasterized=len(rows) > MOST_POINTS,
    )  # fmt: skip
    points.set(xlabel="predicted", ylabel="true − predicted")
    bars.hist(left, bins=30, orientation="horizontal", color=MAIN, alpha=0.6)
    bars.set_xlabel("rows")
    scale_axis(points, "x")
    scale_axis(points, "y")
    scale_axis(bars, "x", ticks=4)
    target = plain(results.about["data"].get("target") or "the target")
    deviation = float(left.std(ddof=0))
    return finish(
        figure, "Residuals",
        f"True less predicted {target} for validation rows of the median run of "
        f"{short(results.chosen or '', 60)}. A funnel says that large values are less certain, a "
        "bow that something is missed.",
        f"Residuals of {len(rows):,} validation rows, with a deviation of {deviation:.3g}.",
    )  # fmt: skip
