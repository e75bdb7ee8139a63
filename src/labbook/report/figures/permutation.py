"""Which columns the chosen combination needs, and what it makes of the first few."""

from typing import TYPE_CHECKING

import numpy as np

from labbook.report.figures.axes import LABEL
from labbook.report.figures.figure import Axis, Dots, Figure, Line, Mark, Panel, Rule
from labbook.report.study_results import StudyResults
from labbook.wording import digits, metric_name, number, plain, short

if TYPE_CHECKING:
    import pandas as pd

ROW = 0.27  # inches per column
MOST = 15  # columns; permutation.csv has all
LOG_FROM = 10.0  # times as large: then the axis is logarithmic
NEEDED, UNSURE = "needed", "may not be needed"


def permutation_figure(results: StudyResults) -> Figure | None:
    """A dot with its interval per column of the file; None where there are fewer than two."""
    every = results.frame("permutation", "effect", "low", "high")
    known = every[np.isfinite(every["effect"])].sort_values(
        "effect", ascending=False, kind="stable"
    )
    rows = known.head(MOST)
    if len(rows) < 2:
        return None
    ratio = rows["scale"].iloc[0] == "ratio"
    nothing = 1 if ratio else 0
    places = np.arange(len(rows))
    unsure = (rows["low"] <= nothing).to_numpy()
    marks: list[Mark] = [Rule(x=nothing, name="no loss at all")]
    for name, color, chosen in ((NEEDED, "main", ~unsure), (UNSURE, "dots", unsure)):
        if chosen.any():
            marks.append(_dots(rows[chosen], places[chosen], name, color))
    metric = metric_name(rows["metric"].iloc[0])
    label = f"{metric}, times as large" if ratio else f"{metric}, worse by"
    logarithmic = bool(ratio and rows["effect"].max() > LOG_FROM)
    first = f" The first {len(rows)} of {len(every)}." if len(every) > len(rows) else ""
    names = [short(name, LABEL) for name in rows["column"]]
    words = (
        f"{short(name, 60)} {number(effect)}"
        for name, effect in zip(rows["column"], rows["effect"], strict=True)
    )
    return Figure(
        "Which columns the network needs",
        f"How {metric} gets worse when a column of the table is shuffled among the rows, means "
        f"over seeds with 95 % intervals; pale where the interval reaches no loss at all.{first} "
        "Columns that go together share what they say: each alone may look small.",
        "Permutation importance. " + "; ".join(words),
        [Panel(marks, x=Axis(label, log=logarithmic), y=Axis(names=names))],
        height=0.75 + ROW * len(rows),
    )


def _dots(rows: "pd.DataFrame", places: np.ndarray, name: str, color: str) -> Dots:
    ends = zip(rows["effect"], rows["low"], rows["high"], strict=True)
    texts = [f"{text.mean} ({text.interval})" for text in (digits(*end) for end in ends)]
    return Dots(
        rows["effect"].tolist(), places.tolist(), x_low=rows["low"].tolist(),
        x_high=rows["high"].tolist(), texts=texts, name=name, color=color,
    )  # fmt: skip


def dependence_figure(results: StudyResults) -> Figure | None:
    """A panel for each of the columns in dependence.csv; None where there is none."""
    rows = results.frame("dependence", "x", "mean", "low", "high")
    rows = rows[np.isfinite(rows["mean"])]
    panels = dict(tuple(rows.groupby("column", sort=False)))
    if not panels or len(results.frame("permutation")) < 2:
        return None
    of = plain(rows["of"].iloc[0])
    classes = results.about["data"].get("classes")
    what = f"probability of {of}" if classes else f"predicted {of}"
    return Figure(
        "What the network makes of them",
        f"Mean {what} over validation rows when the column has one value in all of them "
        "(partial dependence), over seeds with 95 % intervals as bands. It says what the network "
        "does, not what would happen if the value were changed.",
        f"Partial dependence of {what} on {', '.join(short(name, 40) for name in panels)}.",
        [_dependence(name, points, short(what, 30)) for name, points in panels.items()],
        columns=min(len(panels), 2),
        height=2.2,
        share_y=True,
    )


def _dependence(name: str, points: "pd.DataFrame", what: str) -> Panel:
    """A line over a number's values, or a dot for each level."""
    low, high = (points[end].fillna(points["mean"]).tolist() for end in ("low", "high"))
    mean, title = points["mean"].tolist(), short(name, 40)
    if points["x"].notna().all() and not points["level"].any():
        x = points["x"].tolist()
        marks: list[Mark] = [Line(x, mean, low, high), Dots(x, mean, size=4)]
        return Panel(marks, x=Axis(), y=Axis(what), title=title)
    dots = Dots(range(len(mean)), mean, y_low=low, y_high=high)
    levels = [short(level, 14) for level in points["level"]]
    return Panel([dots], x=Axis(names=levels), y=Axis(what), title=title)
