"""The tables of a study as CSV files: runs, combinations, comparisons."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from labbook.evaluate.claims.finding import RATIO, Finding
from labbook.evaluate.claims.forms.differences import compare_metric
from labbook.evaluate.claims.forms.times import compare_times
from labbook.evaluate.claims.sides import has_goal, side_times
from labbook.evaluate.results import Results
from labbook.evaluate.settings import setting_names, setting_texts
from labbook.evaluate.statistics.censored import median_interval
from labbook.evaluate.statistics.intervals import Interval, holm, metric_interval, rate_interval
from labbook.evaluate.statistics.still import checked_comparison
from labbook.files import write_text
from labbook.metrics import higher_is_better
from labbook.training.runfile import (
    CONVERGED,
    DIVERGED,
    DIVERGED_LATER,
    STALLED,
    STOPPED,
    UNFINISHED,
    USED_UP,
)
from labbook.verdicts import ALPHA, FEWEST_SEEDS

# Columns that count how runs ended.
ENDED = {
    "converged": CONVERGED,
    "stopped_early": STOPPED,
    "stalled": STALLED,
    "used_up": USED_UP,
    "unfinished": UNFINISHED,
    "diverged": DIVERGED,
    "diverged_later": DIVERGED_LATER,
}
SINGLE = "single seed"
FEW = "few seeds"  # the interval holds only if values spread evenly, which few cannot show
NO_RUN = "no run"


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    r"""Write a CSV file with `\n` line ends; floats round-trip, NaN and None are empty fields."""
    lines = [_line(columns), *(_line([_field(value) for value in row]) for row in rows)]
    write_text(path, "".join(lines))


def number(value: float) -> float | None:
    """A number for JSON: None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def float_text(value: float | np.floating) -> str:
    """The shortest text that gives `value` back in its own precision, 32 or 64 bits."""
    return repr(value) if type(value) is float else str(value)


def write_runs(results: Results, path: Path) -> None:
    """One row per run: its settings, how it ended, its metrics; empty where it has no such number.

    `epochs` and `best_epoch` are the run file's also where the run diverged: what is compared are
    those of the other runs.
    """
    head = ["run", "combination", "seed", *setting_names(results)]
    head += ["ended", "epochs", "best_epoch", "parameters"]
    metrics = [name for name in results.metrics if name not in head]
    settings = setting_texts(results)
    rows: list[list[Any]] = []
    for label in results.labels:
        measured = zip(*(results.values(label, name) for name in metrics), strict=True)
        for seed, values in zip(results.study.seeds, measured, strict=True):
            record = results.records[label, seed]
            row = [record.id, label, seed, *settings[label]]
            row += [record.ended, record.epochs, record.best_epoch]
            row += [sum(count for _, _, count in record.layers)]
            rows.append([*row, *values])
    write_table(path, [*head, *metrics], rows)


def write_combinations(results: Results, path: Path) -> None:
    """One row per combination and metric: mean, interval, spread, and how its runs ended."""
    columns = ["combination", *setting_names(results), "metric"]
    columns += ["n", "mean", "low", "high", "median", "best", "worst", "deviation", "mark"]
    columns += ["runs", *ENDED, "diverged_low", "diverged_high"]
    settings = setting_texts(results)
    rows = []
    for label in results.labels:
        head, tail = [label, *settings[label]], _endings(results, label)
        for metric in results.metrics:
            rows.append([*head, metric, *_spread(results, label, metric), *tail])
    write_table(path, columns, rows)


def write_comparisons(results: Results, path: Path) -> None:
    """One row per combination other than the reference: its difference from it, in pairs."""
    study = results.study
    columns = ["combination", "reference", "metric", "scale", "n", "effect", "low", "high"]
    columns += ["failed", "failed_reference", "test", "p", "p_holm", "direction"]
    compared = {
        label: checked_comparison(results, _compare(results, label))
        for label in results.labels
        if label != study.reference
    }
    corrected = holm(np.array([one.p for one in compared.values()]))
    rows = []
    for (label, one), p in zip(compared.items(), corrected, strict=True):
        failed = (one.compared.failed_first, one.compared.failed_second) if one.compared else (0, 0)
        row = [label, study.reference, study.metric, one.scale, one.n, *_ends(one)]
        rows.append([*row, *failed, one.test, one.p, p, direction(one, p)])
    write_table(path, columns, rows)


def direction(finding: Finding, p: float) -> str:
    """Whether the first side is better or worse at the corrected `p`, or neither is clear."""
    if not p < ALPHA:
        return "unclear"
    return "better" if finding.favours > 0 else "worse"


def _compare(results: Results, label: str) -> Finding:
    """A combination and the reference, by the study's metric."""
    metric, sides = results.study.metric, ([label], [results.study.reference])
    if has_goal(results, metric, *sides):
        return compare_times(results, *sides)
    return compare_metric(results, metric, *sides)


def _ends(one: Finding) -> list[float]:
    """Effect and interval in the metric's own direction: divided by the reference, or minus it."""
    if one.scale != RATIO:
        return [one.effect, one.low, one.high]
    return [1 / end if end > 0 else float("nan") for end in (one.effect, one.high, one.low)]


def _spread(results: Results, label: str, metric: str) -> list[Any]:
    values = results.values(label, metric)
    if has_goal(results, metric, [label]):
        return _spread_of_times(results, label)
    interval = metric_interval(values, metric)
    row = [interval.n, interval.mean, interval.low, interval.high]
    if interval.n == 0:
        return [*row, None, None, None, None, _mark(results, label, 0)]
    finite = values[np.isfinite(values)]
    ends = [float(finite.min()), float(finite.max())]
    best, worst = reversed(ends) if higher_is_better(metric) else ends
    mark = _mark(results, label, interval.n)
    return [*row, float(np.median(finite)), best, worst, interval.deviation, mark]


def _mark(results: Results, label: str, n: int) -> str:
    """What a reader of a mean over `n` values must know: how many runs are left out, or too few."""
    endings = [results.records[label, seed].ended for seed in results.study.seeds]
    ended = len(endings) - endings.count(DIVERGED)
    if ended == 0:
        return NO_RUN
    marks = []
    if ended < len(endings):
        marks.append(f"{ended} of {len(endings)} ended")
    if n < ended:
        marks.append(f"{n} of {ended} have a value")
    if 0 < n < FEWEST_SEEDS:
        marks.append(SINGLE if n == 1 else FEW)
    return "; ".join(marks)


def _spread_of_times(results: Results, label: str) -> list[Any]:
    """Epochs to a tolerance that not all runs reached: their median, no mean.

    The best are the fewest in which a run got there; nobody knows how many the worst needs.
    """
    times = side_times(results, [label])
    # Of one combination they are whole; a mean of logarithms leaves a rounding error.
    times = replace(times, epochs=np.rint(times.epochs))
    found: Interval = median_interval(times)
    there = int(times.reached.sum())
    best = times.epochs[times.reached].min() if there else None
    row = [found.n, found.mean, found.low, found.high, found.mean, best, None, None]
    return [*row, f"median; {there} of {found.n} reached the tolerance"]


def _endings(results: Results, label: str) -> list[Any]:
    ended = [results.records[label, seed].ended for seed in results.study.seeds]
    counts = [ended.count(name) for name in ENDED.values()]
    return [len(ended), *counts, *rate_interval(ended.count(DIVERGED), len(ended))]


def _line(fields: Sequence[Any]) -> str:
    r"""One line, with `\n` at its end whereas the `\r` in a text is quoted (by all versions)."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(fields)
    return buffer.getvalue().removesuffix("\r\n") + "\n"


def _field(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float_text(value) if np.isfinite(value) else ""
    return value
