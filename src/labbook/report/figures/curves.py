"""Learning curves: mean training and validation loss by epoch with a band, a panel each."""

import math

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from labbook.report.figures.style import (
    MAIN,
    MUTED,
    SECOND,
    WARNING,
    Drawing,
    finish,
    name_panel,
    new_figure,
    scale_axis,
    spans_widely,
)
from labbook.report.study_results import Row, StudyResults, value
from labbook.wording import metric_name, number, short

MOST_PANELS = 12  # more are not looked at, and make a large file
HIGHEST = 1e3  # a loss above this factor of the median is a run on its way out, not the picture
LINES = {"train": (SECOND, (0, (4, 2))), "valid": (MAIN, "-")}


def draw_curves(results: StudyResults) -> Drawing | None:
    """Draw a panel per combination on shared axes; None where there are no curves."""
    table = results.table("curves")
    panels = {
        label: [row for row in table if row["combination"] == label] for label in _labels(results)
    }
    losses = _losses(table)
    if not losses:
        return None
    columns = min(len(panels), 4 if len(panels) > 6 else 3 if len(panels) > 4 else 2)
    rows = -(-len(panels) // columns)
    figure = new_figure(0.55 + (1.75 if columns > 2 else 2.2) * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    logarithmic = spans_widely(losses)
    low, high = min(losses), max(losses)
    grid[0, 0].set_ylim((low / 1.3, high * 1.3) if logarithmic else (min(0.0, low), high * 1.05))
    best = panels.get(results.chosen or "", [])
    for axes, (label, points) in zip(grid.flat, panels.items(), strict=False):
        name_panel(axes, label, label == results.chosen, columns)
        _panel(axes, results, label, points, [] if label == results.chosen else best)
        scale_axis(axes, "y", logarithmic)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        scale_ticks(axes)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    for axes in list(grid.flat)[max(0, len(panels) - columns) : len(panels)]:
        axes.set_xlabel("epoch")
        axes.tick_params(labelbottom=True)
    for row in grid:
        row[0].set_ylabel("loss (logarithmic)" if logarithmic else "loss")
    return finish(figure, "curves", "Learning curves", _caption(results, panels), _alt(panels))


def _labels(results: StudyResults) -> list[str]:
    """All combinations; of very many a few, evenly from the best to the worst."""
    if len(results.labels) <= MOST_PANELS:
        return results.labels
    known = results.ranked
    last = len(known) - 1
    places = {round(i * last / (MOST_PANELS - 1)) for i in range(MOST_PANELS)}
    chosen = [label for place, label in enumerate(known) if place in places]
    return chosen if results.chosen in chosen else [results.chosen or known[0], *chosen[1:]]


def scale_ticks(axes: Axes) -> None:
    """Whole epochs with separators of thousands."""
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")


def _losses(table: list[dict[str, str]]) -> list[float]:
    """All mean losses worth showing."""
    means = sorted(v for row in table for v in (value(row, f"{p}_mean") for p in LINES) if v > 0)
    finite = [v for v in means if math.isfinite(v)]
    return [v for v in finite if v <= HIGHEST * finite[len(finite) // 2]]


def _panel(
    axes: Axes,
    results: StudyResults,
    label: str,
    points: list[dict[str, str]],
    best: list[dict[str, str]],
) -> None:
    if best:
        axes.plot(*_line(best, "valid_mean"), color=MUTED, lw=0.8, alpha=0.7, zorder=1)
    for part, (color, dashes) in LINES.items():
        epochs, means = _line(points, f"{part}_mean")
        lows, highs = (_line(points, f"{part}_{end}")[1] for end in ("low", "high"))
        axes.fill_between(epochs, lows, highs, color=color, alpha=0.18, lw=0, zorder=2)
        axes.plot(epochs, means, color=color, ls=dashes, lw=1.4, zorder=3)
    runs = sum(results.endings(label).values())
    lost = results.diverged(label)
    if lost:
        text = "all runs diverged" if lost == runs else f"{lost} of {runs} runs diverged"
        axes.text(0.97, 0.95, f"✕ {text}", transform=axes.transAxes, ha="right", va="top",
                  color=WARNING, fontsize=7.5)  # fmt: skip


def _line(points: list[dict[str, str]], column: str) -> tuple[list[float], list[float]]:
    return [value(row, "epoch") for row in points], [value(row, column) for row in points]


def _caption(results: StudyResults, panels: dict[str, list[dict[str, str]]]) -> str:
    text = "Dashed: training loss; solid: validation loss"
    if results.about.get("single_seed"):
        text += ", of a single seed."
    else:
        text += "; geometric means over the runs still training, with 95 % intervals as bands."
    if results.chosen in panels and len(panels) > 1:
        text += " The thin grey line repeats the validation loss of the best combination."
    if len(panels) < len(results.labels):
        text += (
            f" Shown are {len(panels)} of {len(results.labels)} combinations, from best to worst."
        )
    return text


def _alt(panels: dict[str, list[dict[str, str]]]) -> str:
    return "Loss by epoch. " + "; ".join(_in_words(label, rows) for label, rows in panels.items())


def _in_words(label: str, rows: list[Row] | list[dict[str, str]]) -> str:
    if not rows:
        return f"{short(label, 60)}: no curve"
    first, last = value(rows[0], "valid_mean"), value(rows[-1], "valid_mean")
    epochs = number(value(rows[-1], "epoch"))
    name = metric_name("valid_loss")
    return f"{short(label, 60)}: {name} from {number(first)} to {number(last)} in {epochs} epochs"
