"""The mean of several combinations, chosen one by one on validation rows (Caruana et al. 2004).

Of each seed by itself: its split is the same for all combinations. Test rows judge the mean, paired
by seed with the chosen combination; on a stand-in nothing is tested.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.champion import on_test_rows
from labbook.evaluate.choice import Choice
from labbook.evaluate.claims.forms.better import compare
from labbook.evaluate.claims.outcome import RATIO
from labbook.evaluate.claims.sides import Side
from labbook.evaluate.claims.untestable import without_test
from labbook.evaluate.ensemble import as_mean
from labbook.evaluate.statistics.greedy import greedy_members
from labbook.evaluate.statistics.intervals import SMALLEST, metric_interval, oriented
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.measures import ALL, split_name
from labbook.params.redraws import redraws_alone
from labbook.training.runfile import DIVERGED, STOPPED
from labbook.verdicts import STAND_IN

COLUMNS = (
    "who", "metric", "mean", "low", "high", "n", "scale", "effect", "effect_low", "effect_high",
    "p", "members", "candidates",
)  # fmt: skip
NAME = "greedy ensemble"
MOST_CANDIDATES = 50  # combinations, those with the best means on validation rows
MOST_READ = 480  # run files, whose reading is most of the time that this takes; two a seed at least
MOST_ROWS = 2000  # validation rows that choose
MOST_KEPT = 200_000_000  # bytes of predictions of one seed; members' are else read again


def write_greedy_ensemble(results: StudyRuns, choice: Choice | None, path: Path) -> None:
    """greedy_ensemble.csv: the ensemble, then the chosen combination, on test rows."""
    rows = [] if choice is None else _rows(results, choice.label)
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _rows(results: StudyRuns, chosen: str) -> list[dict[str, Any]]:
    candidates = _candidates(results)
    if len(candidates) < 2 or redraws_alone(results.study.combinations):
        return []
    metric, seeds = on_test_rows(results.choice), results.study.seeds
    found = [_of_seed(results, candidates, seed, metric) for seed in seeds]
    values, members = np.array(found, float).T
    if not np.isfinite(values).any():
        return []
    first = _Ensemble(results, metric, (NAME,), values)
    outcome = without_test(results, compare(first, Side(results, metric, (chosen,))))
    ends = [outcome.effect, outcome.low, outcome.high]
    if outcome.scale == RATIO:  # divided by the chosen combination's, as in comparisons.csv
        ends = [1 / end if end > 0 else math.nan for end in (ends[0], ends[2], ends[1])]
    beside = dict(zip(("effect", "effect_low", "effect_high"), ends, strict=True))
    p = math.nan if results.prepared.edition == STAND_IN else outcome.p
    counted = {"members": float(np.nanmean(members)), "candidates": len(candidates)}
    return [
        _figure(NAME, metric, values)
        | beside | counted | {"scale": outcome.scale, "p": p},
        _figure(chosen, metric, results.values(chosen, metric)),
    ]  # fmt: skip


def _figure(who: str, metric: str, values: np.ndarray) -> dict[str, Any]:
    one = metric_interval(values, metric)
    return {"who": who, "metric": metric, "mean": one.mean, "low": one.low, "high": one.high,
            "n": one.n}  # fmt: skip


def _candidates(results: StudyRuns) -> list[str]:
    """The combinations with the best means on validation rows, in the study's order."""
    metric, seeds = results.choice, len(results.study.seeds)
    values = {label: oriented(results.values(label, metric), metric) for label in results.labels}
    means = {
        label: float(one[np.isfinite(one)].mean())
        for label, one in values.items()
        if np.isfinite(one).any()
    }
    most = max(2, min(MOST_CANDIDATES, MOST_READ // seeds))
    best = sorted(means, key=lambda label: -means[label])[:most]  # the first of equals
    return [label for label in results.labels if label in best]


def _of_seed(
    results: StudyRuns, candidates: Sequence[str], seed: int, metric: str
) -> tuple[float, float]:
    """The ensemble's value on test rows, and of how many different combinations it is."""
    split, task, target = results.prepared.split(seed), results.study.task, results.prepared.target
    places = np.unique(np.linspace(0, len(split.valid) - 1, MOST_ROWS).astype(int))
    given, labels, test = [], [], []
    for label in candidates:
        predicted = results.predictions(label, seed, "valid", "test")
        if len(predicted) < 2:  # it diverged, or there are no test rows
            continue
        given.append(_seen(predicted["valid"][places], target[split.valid[places]], task))
        labels.append(label)
        keeps = predicted["test"].nbytes * len(candidates) <= MOST_KEPT
        test.append(predicted["test"] if keeps else None)
    if not labels:
        return math.nan, math.nan
    numbers, counts = np.unique(greedy_members(np.array(given), task), return_counts=True)
    total: Any = 0.0
    for number, count in zip(numbers.tolist(), counts / counts.sum(), strict=True):
        again = test[number]
        if again is None:
            again = results.predictions(labels[number], seed, "test")["test"]
        total = total + count * as_mean(again, task)
    mean = total[:, 0] if task == "regression" else np.log(np.maximum(total, SMALLEST))
    return ALL[split_name(metric)[1]].formula(target[split.test], mean), len(numbers)


def _seen(predicted: np.ndarray, target: np.ndarray, task: str) -> np.ndarray:
    """What the loss of a mean follows from, (rows,): errors, or probabilities of the true class."""
    if task == "regression":
        return np.asarray(predicted - target, float)
    return np.asarray(np.exp(predicted[np.arange(len(target)), target].astype(float)))


@dataclass(frozen=True)
class _Ensemble(Side):
    """A side whose values are those of the ensemble, in the metric's unit, shape (seeds,)."""

    given: np.ndarray = field(default_factory=lambda: np.empty(0), compare=False)

    @property
    def values(self) -> np.ndarray:
        """On the scale of comparison."""
        return oriented(self.given, self.metric)

    @cached_property
    def endings(self) -> np.ndarray:
        """It failed where all runs that it could be of did, shape (1, seeds)."""
        return np.where(np.isfinite(self.given), STOPPED, DIVERGED)[None]

    @property
    def untold(self) -> np.ndarray:
        """None by itself: the chosen combination has the same rows."""
        return np.zeros(len(self.given), bool)

    def parts(self, goal: bool = False) -> list[Side]:
        """One."""
        return [self]

    @property
    def missed_goal(self) -> bool:
        """Never: the metric is one of test rows."""
        return False
