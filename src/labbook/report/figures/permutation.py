"""Which columns the chosen combination needs, and what it makes of the first few."""

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from labbook.report.figures.axes import LABEL, draw_mean, name_rows, panel_grid, scale_axis
from labbook.report.figures.style import DOTS, MAIN, MUTED, Drawing, finish, new_figure
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, number, plain, short

if TYPE_CHECKING:
    import pandas as pd

ROW = 0.27  # inches per column
MOST = 15  # columns; permutation.csv has all


def draw_permutation(results: StudyResults) -> Drawing | None:
    """Draw a dot with its interval per column of the file; None where there are fewer than two."""
    every = results.frame("permutation", "effect", "low", "high")
    rows = every[np.isfinite(every["effect"])].head(MOST)
    if len(rows) < 2:
        return None
    ratio = rows["scale"].iloc[0] == "ratio"
    figure = new_figure(0.75 + ROW * len(rows))
    axes = figure.subplots()
    axes.axvline(1 if ratio else 0, color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)
    names, words = [], []
    for place, row in enumerate(rows.itertuples()):
        sure = not row.low <= (1 if ratio else 0)
        draw_mean(axes, place, (row.effect, row.low, row.high), MAIN if sure else DOTS, -math.inf)
        names.append(short(row.column, LABEL))
        words.append(f"{short(row.column, 60)} {number(row.effect)}")
    name_rows(axes, names, 0.6)
    metric = metric_name(rows["metric"].iloc[0])
    axes.set_xlabel(f"{metric}, times as large" if ratio else f"{metric}, worse by")
    scale_axis(axes, "x", ratio and float(rows["effect"].max()) > 10, ticks=7)
    first = f" The first {len(rows)} of {len(every)}." if len(every) > len(rows) else ""
    return finish(
        figure, "Which columns the network needs",
        f"How {metric} gets worse when a column of the table is shuffled among the rows, means "
        f"over seeds with 95 % intervals; pale where the interval reaches no loss at all.{first} "
        "Columns that go together share what they say: each alone may look small.",
        "Permutation importance. " + "; ".join(words),
    )  # fmt: skip


def draw_dependence(results: StudyResults) -> Drawing | None:
    """Draw a panel for each of the columns in dependence.csv; None where there is none."""
    rows = results.frame("dependence", "x", "mean", "low", "high")
    rows = rows[np.isfinite(rows["mean"])]
    panels = dict(tuple(rows.groupby("column", sort=False)))
    if not panels or len(results.frame("permutation")) < 2:
        return None
    columns = min(len(panels), 2)
    figure, grid = panel_grid(len(panels), columns, height=2.0, more=0.3, sharex=False)
    for axes, (name, points) in zip(grid.flat, panels.items(), strict=False):
        _panel(axes, points)
        axes.set_title(short(name, 40), fontsize=8)
        scale_axis(axes, "y", ticks=5)
    of = plain(rows["of"].iloc[0])
    classes = results.about["data"].get("classes")
    what = f"probability of {of}" if classes else f"predicted {of}"
    for row in grid:
        row[0].set_ylabel(short(what, 30))
    return finish(
        figure, "What the network makes of them",
        f"Mean {what} over validation rows when the column has one value in all of them "
        "(partial dependence), over seeds with 95 % intervals as bands. It says what the network "
        "does, not what would happen if the value were changed.",
        f"Partial dependence of {what} on {', '.join(short(name, 40) for name in panels)}.",
    )  # fmt: skip


def _panel(axes: Axes, points: "pd.DataFrame") -> None:
    """A line over a number's values, or a dot for each level."""
    low, high = (points[end].fillna(points["mean"]) for end in ("low", "high"))
    if points["x"].notna().all() and not points["level"].any():
        axes.plot(points["x"], points["mean"], color=MAIN, lw=1.4, marker="o", ms=3)
        axes.fill_between(points["x"], low, high, color=MAIN, alpha=0.15, lw=0)
        scale_axis(axes, "x", ticks=5)
        return
    places = np.arange(len(points))
    errors = [points["mean"] - low, high - points["mean"]]
    axes.errorbar(places, points["mean"], errors, fmt="o", color=MAIN, ms=4, lw=1.4)
    turned = 30 if len(points) > 4 else 0
    axes.set_xticks(places, [short(level, 14) for level in points["level"]], rotation=turned)
