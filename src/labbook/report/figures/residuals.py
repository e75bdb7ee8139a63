"""What is left of the target once the prediction is taken away, over the prediction."""

import numpy as np

from labbook.report.figures.figure import Axis, Bars, Dots, Figure, Panel, Rule
from labbook.report.figures.predicted import MOST_DOTS, thinned
from labbook.report.study_results import StudyResults
from labbook.wording import plain, short

BINS = 30


def residuals_figure(results: StudyResults) -> Figure | None:
    """Residuals of the chosen combination's median run; None for classes and functions."""
    rows = results.frame("predictions", "x", "true", "predicted")
    rows = rows[rows["combination"] == results.chosen]
    rows = rows[np.isfinite(rows[["true", "predicted"]]).all(axis=1)]
    if rows.empty or results.about["data"].get("kind") != "table" or rows["x"].notna().any():
        return None
    rows = rows.assign(left=rows["true"] - rows["predicted"])
    some, left = thinned(rows), rows["left"]
    counts, edges = np.histogram(left, bins=BINS)
    margin = 0.03 * float(edges[-1] - edges[0])
    ends = float(edges[0]) - margin, float(edges[-1]) + margin
    y = Axis("true − predicted", low=ends[0], high=ends[1])
    dots = Dots(some["predicted"].tolist(), some["left"].tolist(), size=4, faint=True)
    target = plain(results.about["data"].get("target") or "the target")
    shown = f" Dots are {MOST_DOTS} rows, evenly spaced." if len(rows) > len(some) else ""
    return Figure(
        "Residuals",
        f"True less predicted {target} for validation rows of the median run of "
        f"{short(results.chosen or '', 60)}.{shown} A funnel says that large values are less "
        "certain, a bow that something is missed.",
        f"Residuals of {len(rows):,} validation rows, with a deviation of "
        f"{float(left.std(ddof=0)):.3g}.",
        [
            Panel([Rule(y=0), dots], Axis("predicted value"), y),
            Panel([Bars(counts.tolist(), edges=edges.tolist())], Axis("rows", whole=True), y),
        ],
        columns=2,
        share_y=True,
    )
