"""How well classes are told apart: ROC, precision against recall, and calibration."""

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from labbook.report.figures.axes import scale_axis
from labbook.report.figures.style import DOTS, MAIN, MUTED, SECOND, Drawing, finish, new_figure
from labbook.report.study_results import StudyResults
from labbook.wording import plain, short

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = ("x", "mean", "low", "high", "share")
TITLES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "precision": ("Precision and recall", "recall", "precision"),
    "calibration": ("Calibration", "confidence", "share that is right"),
}
LOOKS = [(MAIN, "-"), (SECOND, "--"), (MUTED, "-."), (MAIN, ":"), (SECOND, ":"), (DOTS, "--")]


def draw_rates(results: StudyResults) -> Drawing | None:
    """Draw a panel for each kind of curve that there is; None for quantities."""
    rates = results.frame("rates", *NUMBERS)
    present = [curve for curve in TITLES if (rates["curve"] == curve).any()]
    if not present:
        return None
    figure = new_figure(2.9)
    grid = figure.subplots(1, len(present), squeeze=False)[0]
    words = []
    for axes, curve in zip(grid, present, strict=True):
        rows = rates[rates["curve"] == curve]
        (_draw_bins if curve == "calibration" else _draw_curves)(axes, rows, curve)
        if curve != "precision":
            axes.plot([0, 1], [0, 1], color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)
        title, x, y = TITLES[curve]
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=x, ylabel=y, title=title)
        scale_axis(axes, "x", ticks=6)
        scale_axis(axes, "y", ticks=6)
        words.append(f"{title}: mean {y} from {rows['mean'].min():.2f} to {rows['mean'].max():.2f}")
    classes = [name for name in dict.fromkeys(rates["class"]) if name]
    whose = f" of {plain(classes[0])}" if len(classes) == 1 else ", each class against the rest"
    return finish(
        figure, "How well classes are told apart",
        f"Test rows of {short(results.chosen or '', 60)}, means over seeds with 95 % intervals as "
        f"bands or bars; ROC and precision{whose}. Dashed is what chance gives, of precision the "
        "share of the class; in the calibration, whose dots are as large as the bins have rows, "
        "where confidence is right. Precision is the best at that recall or a higher one.",
        f"Curves over seeds{whose}. " + "; ".join(words),
    )  # fmt: skip


def _draw_curves(axes: Axes, rows: "pd.DataFrame", curve: str) -> None:
    """A line with its band for each class; the share of a single class, which chance has."""
    several = rows["class"].nunique() > 1
    for (name, points), (color, line) in zip(
        rows.groupby("class", sort=False), LOOKS, strict=False
    ):
        axes.plot(points["x"], points["mean"], color=color, ls=line, lw=1.4, label=short(name, 18))
        low, high = (points[end].fillna(points["mean"]) for end in ("low", "high"))
        axes.fill_between(points["x"], low, high, color=color, alpha=0.14, lw=0)
        if curve == "precision" and not several:
            axes.axhline(points["share"].iloc[0], color=MUTED, lw=0.9, ls=(0, (4, 3)))
    if several:
        axes.legend(fontsize=7, loc="lower right" if curve == "roc" else "lower left")


def _draw_bins(axes: Axes, rows: "pd.DataFrame", curve: str) -> None:
    """A dot for each bin, as large as it has rows, with its interval."""
    axes.vlines(rows["x"], rows["low"], rows["high"], color=DOTS, lw=1.4, zorder=2)
    axes.scatter(
        rows["x"], rows["mean"], s=8 + 90 * rows["share"], color=MAIN, zorder=3, clip_on=False
    )
