"""Learning curves: mean training and validation loss by epoch with a band, a panel each."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from labbook.report.figures.axes import name_panel, panel_grid, scale_axis, spans_widely
from labbook.report.figures.style import MAIN, MUTED, SECOND, WARNING, Drawing, finish
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, number, short

if TYPE_CHECKING:
    import pandas as pd

MOST_PANELS = 12  # more are not looked at, and make a large file
HIGHEST = 1e3  # a loss above this factor of the median is a run on its way out, not the picture
LINES = {"train": (SECOND, (0, (4, 2))), "valid": (MAIN, "-")}


def draw_curves(results: StudyResults) -> Drawing | None:
    """Draw a panel per combination on shared axes; None where there are no curves."""
    ends = [f"{part}_{end}" for part in LINES for end in ("mean", "low", "high")]
    curves = results.frame("curves", "epoch", *ends)
    means = np.sort(curves[[f"{part}_mean" for part in LINES]].to_numpy(), axis=None)
    means = means[(means > 0) & np.isfinite(means)]
    if not len(means):
        return None
    losses = means[means <= HIGHEST * means[len(means) // 2]].tolist()
    labels = results.some_labels(MOST_PANELS, best=1)
    if results.chosen and results.chosen not in labels:
        labels = [results.chosen, *labels[1:]]
    panels = {label: curves[curves["combination"] == label] for label in labels}
    columns = min(len(panels), 4 if len(panels) > 6 else 3 if len(panels) > 4 else 2)
    figure, grid = panel_grid(len(panels), columns, 1.75 if columns > 2 else 2.2, more=0.55)
    logarithmic = spans_widely(losses)
    low, high = losses[0], losses[-1]
    grid[0, 0].set_ylim((low / 1.3, high * 1.3) if logarithmic else (min(0.0, low), high * 1.05))
    best = panels.get(results.best or "", curves[:0])
    for axes, (label, points) in zip(grid.flat, panels.items(), strict=False):
        name_panel(axes, label, label == results.best, columns)
        if label != results.best and len(best):
            axes.plot(best["epoch"], best["valid_mean"], color=MUTED, lw=0.8, alpha=0.7, zorder=1)
        _draw_panel(axes, results, label, points)
        scale_axis(axes, "y", logarithmic)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    for axes in grid.flat[max(0, len(panels) - columns) : len(panels)]:
        axes.set_xlabel("epoch")
        axes.tick_params(labelbottom=True)
    for row in grid:
        row[0].set_ylabel("loss (logarithmic)" if logarithmic else "loss")
    alt = "Loss by epoch. " + "; ".join(_in_words(label, rows) for label, rows in panels.items())
    return finish(figure, "Learning curves", _caption(results, panels), alt)


def _draw_panel(axes: Axes, results: StudyResults, label: str, points: "pd.DataFrame") -> None:
    for part, (color, dashes) in LINES.items():
        mean, low, high = (points[f"{part}_{end}"] for end in ("mean", "low", "high"))
        axes.fill_between(points["epoch"], low, high, color=color, alpha=0.18, lw=0, zorder=2)
        axes.plot(points["epoch"], mean, color=color, ls=dashes, lw=1.4, zorder=3)
    if lost := results.diverged(label):
        runs = len(results.runs_of(label))
        text = "all runs diverged" if lost == runs else f"{lost} of {runs} runs diverged"
        axes.text(0.97, 0.95, f"✕ {text}", transform=axes.transAxes, ha="right", va="top",
                  color=WARNING, fontsize=7.5)  # fmt: skip


def _caption(results: StudyResults, panels: dict[str, "pd.DataFrame"]) -> str:
    text = "Dashed: training loss; solid: validation loss"
    if results.about.get("single_seed"):
        text += ", of a single seed."
    else:
        text += "; geometric means over the runs still training, with 95 % intervals as bands."
    if results.best in panels and len(panels) > 1:
        text += " The thin grey line repeats the validation loss of the best combination."
    if len(panels) < len(results.labels):
        text += (
            f" Shown are {len(panels)} of {len(results.labels)} combinations, from best to worst."
        )
    return text


def _in_words(label: str, points: "pd.DataFrame") -> str:
    if points.empty:
        return f"{short(label, 60)}: no curve"
    first, last = points["valid_mean"].iloc[0], points["valid_mean"].iloc[-1]
    return (
        f"{short(label, 60)}: {metric_name('valid_loss')} from {number(first)} to {number(last)} "
        f"in {number(points['epoch'].iloc[-1])} epochs"
    )
