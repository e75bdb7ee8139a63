"""What each value of a varied setting gives on average over the values of the others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.claims.sides import Side
from labbook.evaluate.statistics.censored import median_interval
from labbook.evaluate.statistics.intervals import Interval, mean_interval, on_metric
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.params.sampling import Sample

COLUMNS = ("setting", "value", "metric", "mean", "low", "high", "n", "over", "combinations")
SEEDS, COMBINATIONS = "seeds", "combinations"  # what an interval is over
MOST_VALUES = 12  # of a setting; of more, each has too few combinations to average


def write_marginals(results: StudyRuns, path: Path) -> None:
    """A row per value of each setting that varies with others: mean over its combinations.

    In a product, where every value meets the same others, the interval is over seeds, in each of
    which all runs must have a result; of drawn combinations it is over these, which differ more.
    `combinations` counts those that have part in the mean: neither those without a value nor, of
    drawn ones, those that missed the goal. Only a header where fewer than two settings vary, or
    where single ones were listed.
    """
    rows = list(_rows(results))
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _rows(results: StudyRuns) -> Iterator[list[Any]]:
    vary = results.study.block.vary
    settings = results.settings.loc[:, results.settings.nunique() > 1]
    if isinstance(vary, list) or settings.shape[1] < 2:
        return
    drawn = isinstance(vary, Sample)
    for name, texts in settings.items():
        if texts.nunique() > MOST_VALUES:
            continue
        for value in texts.unique():
            labels = tuple(label for label in results.labels if texts[label] == value)
            known = tuple(label for label in labels if _has_result(results, label))
            found = _drawn(results, known) if drawn else _crossed(results, known)
            counted = found.n if drawn else len(known)
            ends = [found.mean, found.low, found.high, found.n]
            over = COMBINATIONS if drawn else SEEDS
            yield [name, value, results.study.metric, *ends, over, counted]


def _has_result(results: StudyRuns, label: str) -> bool:
    return bool(np.isfinite(results.values(label, results.study.metric)).any())


def _crossed(results: StudyRuns, labels: tuple[str, ...]) -> Interval:
    """Over seeds, of the mean of these combinations; the median where some missed the goal."""
    side = Side(results, results.study.metric, labels)
    if not labels:
        return mean_interval(np.array([]))
    if side.missed_goal:
        return median_interval(side.times)
    return on_metric(mean_interval(side.values), side.metric)


def _drawn(results: StudyRuns, labels: tuple[str, ...]) -> Interval:
    """Over combinations, of the means of each over the seeds that have a result."""
    metric = results.study.metric
    sides = [Side(results, metric, (label,)) for label in labels]
    means = np.array([np.nanmean(side.values) for side in sides if not side.missed_goal])
    return on_metric(mean_interval(means), metric)
