"""The tables of a study as CSV files: runs, combinations, comparisons, reported figures."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.claims.better_in import COLUMNS as BETTER_IN
from labbook.evaluate.claims.better_in import better_in
from labbook.evaluate.claims.forms.better import compare
from labbook.evaluate.claims.outcome import RATIO
from labbook.evaluate.claims.price import priced
from labbook.evaluate.claims.sides import Side
from labbook.evaluate.claims.untestable import without_test
from labbook.evaluate.statistics.censored import median_interval
from labbook.evaluate.statistics.intervals import (
    holm,
    level_of,
    metric_interval,
    rate_interval,
)
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.measures import higher_is_better
from labbook.params.settings import matches
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
REPORTED = ("combination", "metric", "set", "value", "source")


def write_runs(results: StudyRuns, path: Path) -> None:
    """One row per run: its settings, how it ended, its metrics; empty where it has no such number.

    `epochs` and `best_epoch` are the run file's also where the run diverged: what is compared are
    those of the other runs.
    """
    runs = pd.DataFrame(
        [
            {
                "run": record.id,
                "combination": label,
                "seed": seed,
                "ended": record.ended,
                "epochs": record.epochs,
                "best_epoch": record.best_epoch,
                "parameters": sum(count for _, _, count in record.layers),
            }
            for label in results.labels
            for seed in results.study.seeds
            for record in [results.records[label, seed]]
        ]
    )
    settings = results.settings.loc[runs["combination"]].set_index(runs.index)
    metrics = [name for name in results.metrics if name not in runs]
    values = {
        name: np.concatenate([results.values(label, name) for label in results.labels])
        for name in metrics
    }
    identity = runs[["run", "combination", "seed"]]
    endings = runs.drop(columns=identity.columns)
    write_table(path, pd.concat([identity, settings, endings, pd.DataFrame(values)], axis=1))


def write_combinations(results: StudyRuns, path: Path) -> None:
    """One row per combination and metric: mean, interval, spread, and how its runs ended."""
    seeds = len(results.study.seeds)
    rows = []
    settings = results.settings.to_dict("records")
    for label, endings, setting in zip(
        results.labels, results.endings.to_numpy(), settings, strict=True
    ):
        counts = {column: int((endings == ending).sum()) for column, ending in ENDED.items()}
        low, high = rate_interval(counts["diverged"], seeds)
        last = {"runs": seeds, **counts, "diverged_low": low, "diverged_high": high}
        for metric in results.metrics:
            spread = _spread(Side(results, metric, (label,)), seeds - counts["diverged"])
            rows.append({"combination": label, **setting, "metric": metric, **spread, **last})
    write_table(path, pd.DataFrame(rows, dtype=object))


def write_comparisons(results: StudyRuns, path: Path) -> None:
    """One row per combination other than the reference: its difference from it, in pairs."""
    reference, metric = results.study.reference, results.study.metric
    second = Side(results, metric, (reference,))
    share = results.looks[-1].share  # with so many seeds, as claims at that look
    outcomes = {
        label: priced(without_test(results, found), share)
        for label in results.labels
        if label != reference
        for found in [compare(Side(results, metric, (label,)), second, level=level_of(share))]
    }
    corrected = holm(np.array([outcome.p for outcome in outcomes.values()]))
    rows = []
    for (label, outcome), p in zip(outcomes.items(), corrected, strict=True):
        failed = (0, 0)
        if outcome.compared:
            failed = outcome.compared.failed_first, outcome.compared.failed_second
        # In the metric's own direction: divided by the reference, or minus it.
        ends = [outcome.effect, outcome.low, outcome.high]
        if outcome.scale == RATIO:
            ends = [1 / end if end > 0 else math.nan for end in (ends[0], ends[2], ends[1])]
        direction = "unclear"
        if p < ALPHA:
            direction = "better" if outcome.favours > 0 else "worse"
        row = [label, reference, metric, outcome.scale, outcome.n, *ends]
        shares = better_in(outcome, level=level_of(share)).values()
        rows.append([*row, *failed, outcome.test, outcome.p, p, direction, *shares])
    columns = ["combination", "reference", "metric", "scale", "n", "effect", "low", "high"]
    columns += ["failed", "failed_reference", "test", "p", "p_holm", "direction"]
    columns += BETTER_IN
    write_table(path, pd.DataFrame(rows, columns=columns, dtype=object))


def write_reported(results: StudyRuns, path: Path) -> None:
    """published.csv: a row per figure that a source reported, in the order of params.yaml.

    `set` counts the figures of one combination and metric from 1; `value` is in the metric's unit
    and empty where the reported run diverged.
    """
    study = results.study
    rows = []
    for block in study.block.published:
        label = next(c.label for c in study.combinations if matches(c.settings, block.of))
        for number, given in enumerate(block.values, 1):
            value = None if given == "diverged" else float(given)
            rows.append([label, block.metric or study.metric, number, value, block.source])
    write_table(path, pd.DataFrame(rows, columns=REPORTED, dtype=object))


def _spread(side: Side, ended: int) -> dict[str, Any]:
    """Mean and spread of a single combination, of which so many runs ended."""
    if side.missed_goal:
        return _spread_of_times(side)
    metric, values = side.metric, side.results.values(side.labels[0], side.metric)
    interval = metric_interval(values, metric)
    row = {"n": interval.n, "mean": interval.mean, "low": interval.low, "high": interval.high}
    finite = values[np.isfinite(values)]
    ends = np.sort(finite)[[0, -1]] if len(finite) else [None, None]
    best, worst = reversed(ends) if higher_is_better(metric) else ends
    return row | {
        "median": np.median(finite) if len(finite) else None,
        "best": best,
        "worst": worst,
        "deviation": interval.deviation,
        "mark": _mark(len(values), ended, interval.n),
    }


def _mark(runs: int, ended: int, n: int) -> str:
    """What a reader of a mean over `n` values must know: how many runs are left out, or too few."""
    if ended == 0:
        return NO_RUN
    marks = []
    if ended < runs:
        marks.append(f"{ended} of {runs} ended")
    if n < ended:
        marks.append(f"{n} of {ended} have a value")
    if 0 < n < FEWEST_SEEDS:
        marks.append(SINGLE if n == 1 else FEW)
    return "; ".join(marks)


def _spread_of_times(side: Side) -> dict[str, Any]:
    """Epochs to a tolerance that not all runs reached: their median, no mean.

    The best are the fewest in which a run got there; nobody knows how many the worst needs.
    """
    # Of one combination they are whole; a mean of logarithms leaves a rounding error.
    times = replace(side.times, epochs=np.rint(side.times.epochs))
    median, reached = median_interval(times), int(times.reached.sum())
    return {
        "n": median.n,
        "mean": median.mean,
        "low": median.low,
        "high": median.high,
        "median": median.mean,
        "best": times.epochs[times.reached].min() if reached else None,
        "worst": None,
        "deviation": None,
        "mark": f"median; {reached} of {median.n} reached the tolerance",
    }
