"""True against predicted values, a panel for each of a few combinations."""

from typing import TYPE_CHECKING

import numpy as np

from labbook.report.figures.axes import name_panel, scale_axis
from labbook.report.figures.style import MAIN, MUTED, Drawing, finish, new_figure
from labbook.report.study_results import StudyResults
from labbook.wording import listing, plain, short

if TYPE_CHECKING:
    import pandas as pd

MOST_PANELS = 4
MOST_POINTS = 1500  # of a figure, as shapes; more become one picture, which is smaller


def of_some(results: StudyResults, predictions: "pd.DataFrame") -> dict[str, "pd.DataFrame"]:
    """Rows by combination for at most four: the best, the reference, the worst, then the first."""
    finite = predictions[np.isfinite(predictions[["true", "predicted"]]).all(axis=1)]
    points = dict(tuple(finite.groupby("combination")))
    with_mean = [k for k in results.ranked if np.isfinite(results.interval_of(k)[0])]
    worst = [label for label in with_mean if label in points][-1:]
    wanted = [results.chosen, results.reference, *worst, *results.labels]
    picked = list(dict.fromkeys(label for label in wanted if label in points))[:MOST_PANELS]
    return {label: points[label] for label in results.labels if label in picked}


def draw_predicted(results: StudyResults) -> Drawing | None:
    """Draw true against predicted with the diagonal; None for classes or one-input fits."""
    predictions = results.frame("predictions", "x", "true", "predicted")
    panels = of_some(results, predictions)
    if not panels or predictions["x"].notna().any():
        return None
    figure = new_figure(3.0 if len(panels) < 3 else 2.35)
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    true = np.concatenate([rows["true"] for rows in panels.values()])
    margin = 0.08 * (true.max() - true.min()) or 1.0
    low, high = true.min() - margin, true.max() + margin  # so that a wild model hides nothing
    for axes, (label, rows) in zip(grid, panels.items(), strict=True):
        axes.plot([low, high], [low, high], color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)
        axes.scatter(
            rows["true"], rows["predicted"], s=8, color=MAIN, alpha=0.45, linewidths=0, zorder=2,
            rasterized=len(true) > MOST_POINTS,
        )  # fmt: skip
        name_panel(axes, label, label == results.best, max(len(panels), 3))
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal", xlabel="true")
        scale_axis(axes, "x", ticks=5)
        scale_axis(axes, "y", ticks=5)
    grid[0].set_ylabel("predicted")
    target = plain(results.about["data"].get("target") or "the target")
    caption = (
        f"Values of {target} for validation rows of each combination's median run; on the dashed "
        "line a prediction is exact."
    )
    hidden = sum(int((~rows["predicted"].between(low, high)).sum()) for rows in panels.values())
    if hidden:
        points = "1 prediction lies" if hidden == 1 else f"{hidden:,} predictions lie"
        caption += f" {points} outside the picture."
    names = listing(short(label, 60) for label in panels)
    alt = f"Scatter of {len(true):,} predicted against true values for {names}."
    return finish(figure, "True against predicted", caption, alt)
