"""Learning curves: mean training and validation loss by epoch with a band, a panel each."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from labbook.report.figures.axes import HIGHEST, spaced, spans_widely
from labbook.report.figures.figure import Axis, Color, Dots, Figure, Line, Mark, Note, Panel
from labbook.report.figures.predicted import head
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, number, short

if TYPE_CHECKING:
    import pandas as pd

MOST_PANELS = 12  # more are not looked at, and make a large file
MOST_POINTS = 60  # of a line: a panel is a few hundred pixels wide; curves.csv has more
LINES: dict[str, tuple[str, Color, bool]] = {  # name, colour, dashed
    "train": ("training loss", "second", True),
    "valid": ("validation loss", "main", False),
}
ENDS = ("mean", "low", "high")
STOPS = ("n", "epoch", "first", "last", "valid_mean", "valid_low", "valid_high")


def curves_figure(results: StudyResults) -> Figure | None:
    """A panel per combination on shared axes; None where there are no curves."""
    panels = shown_curves(results)
    tables = _Tables(results, panels)
    y = _losses(tables)
    if y is None:
        return None
    columns = 4 if len(panels) > 6 else 2 if len(panels) in (2, 4) else min(len(panels), 3)
    return Figure(
        "Learning curves",
        _caption(tables),
        "Loss by epoch. " + "; ".join(_in_words(label, rows) for label, rows in panels.items()),
        [_panel(tables, label, y) for label in panels],
        columns=columns,
        height=1.75 if columns > 2 else 2.2,
        share_x=True,
        share_y=True,
        legend={name: color for name, color, _ in LINES.values()},
    )


class _Tables:
    """What panels are drawn from, read once: curves by label, single runs, where runs stopped."""

    def __init__(self, results: StudyResults, panels: "dict[str, pd.DataFrame]") -> None:
        self.results, self.panels = results, panels
        runs = results.frame("run_curves", "epoch", "valid")
        self.runs = dict(tuple(runs.groupby("combination", sort=False)))
        stops = results.frame("stops", *STOPS)
        self.stops = {row["combination"]: row for row in stops.to_dict("records")}

    @property
    def some_stop(self) -> bool:
        """Whether runs of a combination that is shown stop at different epochs."""
        shown = [self.stops[label] for label in self.panels if label in self.stops]
        return any(stop["first"] < stop["last"] for stop in shown)


def _losses(tables: _Tables) -> Axis | None:
    """The axis of losses, without those on their way out; None where there are none."""
    panels = tables.panels
    values = [rows[f"{part}_mean"].to_numpy() for rows in panels.values() for part in LINES]
    ends = [stop["valid_mean"] for label, stop in tables.stops.items() if label in panels]
    means = np.sort(np.concatenate([*values, np.array(ends)]))
    means = means[(means > 0) & np.isfinite(means)]
    if not len(means):
        return None
    losses = means[means <= HIGHEST * means[len(means) // 2]].tolist()
    low, high, log = losses[0], losses[-1], spans_widely(losses)
    low, high = (low / 1.3, high * 1.3) if log else (min(0.0, low), high * 1.05)
    return Axis("loss", log=log, switch=True, low=low, high=high)


def shown_curves(results: StudyResults) -> dict[str, "pd.DataFrame"]:
    """The curves of all combinations, or of very many a choice down to the worst, by label."""
    numbers = [f"{part}_{end}" for part in LINES for end in ENDS]
    curves = results.frame("curves", "epoch", "n", *numbers)
    labels = results.some_labels(MOST_PANELS, best=1)
    if results.chosen and results.chosen not in labels:
        labels = [results.chosen, *labels[1:]]
    panels = {label: curves[curves["combination"] == label] for label in labels}
    return {label: rows.iloc[spaced(len(rows), MOST_POINTS)] for label, rows in panels.items()}


def _panel(tables: _Tables, label: str, y: Axis) -> Panel:
    results, panels = tables.results, tables.panels
    best, place = label == results.best, results.labels.index(label)
    marks: list[Mark] = []
    if not best and results.best in panels:
        other = panels[results.best]
        x = other["epoch"].tolist()
        marks.append(Line(x, other["valid_mean"].tolist(), color="muted", thin=True))
    marks += _single_runs(tables.runs.get(label), place)
    stop = tables.stops.get(label)
    for part in LINES:
        marks += _lines(panels[label], part, place, stop["n"] if stop else 0)
    marks += [_stopped(stop, place)] if stop and stop["first"] < stop["last"] else []
    if lost := results.diverged(label):
        runs = len(results.runs_of(label))
        text = "all runs diverged" if lost == runs else f"{lost} of {runs} runs diverged"
        marks.append(Note(f"✕ {text}"))
    x_axis = Axis("epoch", switch=True, whole=True)
    return Panel(marks, x_axis, y, head(results, label), best, place)


def _lines(points: "pd.DataFrame", part: str, place: int, staying: float) -> list[Mark]:
    """The curve while all `staying` runs train, those that do not diverge; thin where fewer do."""
    name, color, dashed = LINES[part]
    columns = [points["epoch"], *(points[f"{part}_{end}"] for end in ENDS)]
    whole = int((points["n"] >= staying).sum())
    marks: list[Mark] = []
    for thin, some in ((False, slice(0, whole)), (True, slice(max(whole - 1, 0), None))):
        x, y, low, high = (column.iloc[some].tolist() for column in columns)
        if len(x) > thin:
            marks.append(Line(x, y, low, high, name, color, dashed, thin, place, smooth=True))
    return marks


def _single_runs(rows: "pd.DataFrame | None", place: int) -> list[Mark]:
    """The validation losses of single runs, for a reader who asks for them."""
    if rows is None:
        return []
    return [
        Line(run["epoch"].tolist(), run["valid"].tolist(), name=f"seed {seed}", color="dots",
             thin=True, combination=place, on_demand=True)
        for seed, run in rows.groupby("seed", sort=False)
    ]  # fmt: skip


def _stopped(stop: Mapping[Hashable, Any], place: int) -> Dots:
    """Where runs stopped, at different epochs, and with which loss: the end of them all."""
    x, first, last, y, low, high = ([stop[column]] for column in STOPS[1:])
    text = f"stopped: median epoch {number(x[0])}, from {number(first[0])} to {number(last[0])}"
    return Dots(x, y, first, last, low, high, [text], color="ink", size=7, combination=place)


def _caption(tables: _Tables) -> str:
    results, panels = tables.results, tables.panels
    text = "Dashed: training loss; solid: validation loss"
    if results.about.get("single_seed"):
        text += ", of a single seed."
    else:
        text += "; geometric means over the runs still training, with 95 % intervals as bands."
    if tables.some_stop:
        text += (
            " Lines are thin where some runs have stopped; the dot is the median epoch at which "
            "they did, its bars reach from the first to the last, and its height is the loss with "
            "which all of them ended."
        )
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
