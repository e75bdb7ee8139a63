"""Two settings, each with each: a map of the means."""

import math

from labbook.measures import higher_is_better, is_ratio
from labbook.report.figures.figure import Axis, Cells, Figure, Panel
from labbook.report.figures.settings import Setting, varied_settings, with_interval
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, number, plain, short

FEWEST, MOST = 6, 200  # cells: fewer are a list, more cannot be read
BEST, MAY_BE = "★", "☆"
Places = dict[tuple[int, int], int]  # row and column -> combination


def grid_figure(results: StudyResults) -> Figure | None:
    """A cell for each pair of values, the deeper the better.

    None unless exactly two settings vary, each value of one with each of the other, in six
    combinations or more.
    """
    settings = varied_settings(results)
    if len(settings) != 2 or not FEWEST <= len(results.labels) <= MOST:
        return None
    rows, columns = sorted(settings, key=lambda one: len(one.values))  # wide rather than high
    places = dict(zip(zip(rows.places, columns.places, strict=True), range(MOST), strict=False))
    whole = len(rows.values) * len(columns.values)
    known = [label for label in results.labels if math.isfinite(results.interval_of(label)[0])]
    if not len(places) == len(results.labels) == whole or not known:
        return None
    cells = _cells(results, rows, columns, places)
    metric = metric_name(results.metric)
    y = Axis(plain(rows.name), names=rows.names)
    return Figure(
        f"{plain(rows.name)} and {plain(columns.name)} together",
        _caption(results, len(known) < whole),
        f"Mean {metric} by {plain(rows.name)} and {plain(columns.name)}. "
        + "; ".join(f"{short(k, 60)}: {with_interval(results.interval_of(k))}" for k in known),
        [Panel([cells], x=columns.axis, y=y)],
        height=0.9 + 0.42 * len(rows.values),
        width=min(7.4, 2.2 + 0.75 * len(columns.values)),
    )


def _cells(results: StudyResults, rows: Setting, columns: Setting, places: Places) -> Cells:
    sizes = range(len(rows.values)), range(len(columns.values))
    order = [[places[row, column] for column in sizes[1]] for row in sizes[0]]
    shades = _shades(results)
    labels = results.labels
    return Cells(
        values=[[results.interval_of(labels[i])[0] for i in row] for row in order],
        texts=[[_text(results, labels[i]) for i in row] for row in order],
        readouts=[[_readout(results, labels[i]) for i in row] for row in order],
        shades=[[shades[i] for i in row] for row in order],
        combinations=order,
    )


def _shades(results: StudyResults) -> list[float]:
    """1 for the best mean of the study to 0 for the worst, in steps as means are compared."""
    means = [results.interval_of(label)[0] for label in results.labels]
    finite = [mean for mean in means if math.isfinite(mean)]
    sized = math.log if is_ratio(results.metric) and min(finite) > 0 else float
    best, worst = sized(min(finite)), sized(max(finite))
    if higher_is_better(results.metric):
        best, worst = worst, best
    span = best - worst or 1.0
    return [(sized(mean) - worst) / span if math.isfinite(mean) else math.nan for mean in means]


def _text(results: StudyResults, label: str) -> str:
    mean = results.interval_of(label)[0]
    if not math.isfinite(mean):
        return "diverged" if results.diverged(label) else "no value"
    return f"{number(mean)}{_sign(results, label)}"


def _sign(results: StudyResults, label: str) -> str:
    if label == results.best:
        return f" {BEST}"
    return f" {MAY_BE}" if label in results.may_be_best else ""


def _readout(results: StudyResults, label: str) -> str:
    said = {BEST: ", the best on validation rows", MAY_BE: ", may be the best"}
    text = f"{plain(label)}: {with_interval(results.interval_of(label))}"
    return text + said.get(_sign(results, label).strip(), "")


def _caption(results: StudyResults, gaps: bool) -> str:
    text = (
        f"Mean {metric_name(results.metric)} of each combination, the deeper the better. "
        f"{BEST} is the best on validation rows"
    )
    text += f", {MAY_BE} are others that may be the best." if results.may_be_best else "."
    if gaps:
        text += " Where a cell says so, no run has a value."
    return text
