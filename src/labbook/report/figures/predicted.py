"""True against predicted values, a panel for each of a few combinations."""

from typing import TYPE_CHECKING

import numpy as np

from labbook.report.figures.axes import spaced
from labbook.report.figures.figure import Axis, Dots, Figure, Panel, Rule
from labbook.report.study_results import StudyResults
from labbook.wording import count, listing, plain, short

if TYPE_CHECKING:
    import pandas as pd

MOST_PANELS = 4
MOST_DOTS = 120  # of a panel: more hide each other


def of_some(results: StudyResults, predictions: "pd.DataFrame") -> dict[str, "pd.DataFrame"]:
    """Rows by combination for at most four: the best, the reference, the worst, then the first."""
    finite = predictions[np.isfinite(predictions[["true", "predicted"]]).all(axis=1)]
    points = dict(tuple(finite.groupby("combination")))
    with_mean = [k for k in results.ranked if np.isfinite(results.interval_of(k)[0])]
    worst = [label for label in with_mean if label in points][-1:]
    wanted = [results.chosen, results.reference, *worst, *results.labels]
    picked = list(dict.fromkeys(label for label in wanted if label in points))[:MOST_PANELS]
    return {label: points[label] for label in results.labels if label in picked}


def thinned(rows: "pd.DataFrame") -> "pd.DataFrame":
    """At most 120 rows, evenly spaced."""
    return rows.iloc[spaced(len(rows), MOST_DOTS)]


def head(results: StudyResults, label: str) -> str:
    """The head of a combination's panel."""
    return short(label, 90) + (" · best" if label == results.best else "")


def predicted_figure(results: StudyResults) -> Figure | None:
    """True against predicted with the diagonal; None for classes or one-input fits."""
    predictions = results.frame("predictions", "x", "true", "predicted")
    panels = of_some(results, predictions)
    if not panels or predictions["x"].notna().any():
        return None
    true = np.concatenate([rows["true"] for rows in panels.values()])
    margin = 0.08 * (true.max() - true.min()) or 1.0
    # By true values alone, so that a wild model hides nothing.
    low, high = float(true.min() - margin), float(true.max() + margin)
    hidden = sum(int((~rows["predicted"].between(low, high)).sum()) for rows in panels.values())
    names = listing(short(label, 60) for label in panels)
    return Figure(
        "True against predicted",
        _caption(results, hidden, max(map(len, panels.values()))),
        f"Scatter of {len(true):,} predicted against true values for {names}.",
        [_panel(results, label, thinned(rows), low, high) for label, rows in panels.items()],
        columns=len(panels),
        height=3.0 if len(panels) < 3 else 2.35,
        share_x=True,
        share_y=True,
    )


def _panel(
    results: StudyResults, label: str, rows: "pd.DataFrame", low: float, high: float
) -> Panel:
    place = results.labels.index(label)
    dots = Dots(
        rows["true"].tolist(), rows["predicted"].tolist(), size=4, faint=True, combination=place
    )
    x, y = (Axis(name, low=low, high=high) for name in ("true value", "predicted value"))
    best = label == results.best
    return Panel([Rule(name="exact"), dots], x, y, head(results, label), best, place, square=True)


def _caption(results: StudyResults, hidden: int, most: int) -> str:
    target = plain(results.about["data"].get("target") or "the target")
    text = (
        f"Values of {target} for validation rows of each combination's median run; on the dashed "
        "line a prediction is exact."
    )
    if most > MOST_DOTS:
        text += f" Shown are {MOST_DOTS} rows of each, evenly spaced."
    if hidden:
        text += f" {count(hidden, 'prediction lies', 'predictions lie')} outside the picture."
    return text
