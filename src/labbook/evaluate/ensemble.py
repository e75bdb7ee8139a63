"""What the mean of a combination's runs gains, by rows that none of them has been fitted to.

Each seed has a split of its own, so a row that one run is tested on may have trained another.
Of each row therefore only those runs count that had it among their test rows: with a fixed test
set or a split by time all of them, else a few. Rows with one such run say nothing of a mean.
"""

from typing import Any

import numpy as np

from labbook.evaluate.study_runs import StudyRuns
from labbook.measures import higher_is_better
from labbook.metrics import chosen_by
from labbook.streams import stream

DRAWS = 1000  # of the bootstrap over rows
NOTE = (
    "Of each row only those runs count that had it among their test rows, at least two; `members` "
    "says how many that are on average, so the mean of all runs may gain more. The interval is "
    "over rows, for these runs."
)


def ensemble_entry(results: StudyRuns, label: str) -> dict[str, Any] | None:
    """The metric of single runs and of their mean on the same rows; None where no row has two."""
    sums = _test_sums(results, label)
    if sums is None:
        return None
    count, single, mean = sums
    rows = np.flatnonzero(count >= 2)
    if not len(rows):
        return None
    gain = single[rows] - mean[rows]
    draw = stream(0, "ensemble")
    means = [gain[draw.integers(0, len(rows), len(rows))].mean() for _ in range(DRAWS)]
    low, high = np.quantile(means, [0.025, 0.975]).tolist()
    metric = chosen_by(results.study.task).replace("valid_", "test_", 1)
    turned = 1.0 if higher_is_better(metric) else 0.0  # a loss of rows is 1 - accuracy
    return {
        "metric": metric,
        "single": abs(turned - float(single[rows].mean())),
        "together": abs(turned - float(mean[rows].mean())),
        "gain": {"mean": float(gain.mean()), "low": low, "high": high, "n": len(rows)},
        "members": float(count[rows].mean()),
        "of": len(results.study.seeds),
        "note": NOTE,
    }


def _test_sums(results: StudyRuns, label: str) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """By row of the data set: its runs, their mean loss, the loss of their mean, each (rows,)."""
    prepared, task = results.prepared, results.study.task
    rows, outputs = len(prepared.target), max(1, len(prepared.classes))
    total, losses, count = np.zeros((rows, outputs)), np.zeros(rows), np.zeros(rows)
    for seed in results.study.seeds:
        predictions = results.read(label, seed, "predictions").predictions
        if "test" not in predictions:
            continue
        test = prepared.split(seed).test
        given = as_mean(predictions["test"], task)
        total[test] += given
        losses[test] += _loss(prepared.target[test], given, task)
        count[test] += 1
    if count.max(initial=0) < 2:
        return None
    some = np.maximum(count, 1)
    together = _loss(prepared.target, total / some[:, None], task)
    return count, losses / some, together


def as_mean(predicted: np.ndarray, task: str) -> np.ndarray:
    """What runs are averaged by, (rows, 1) quantities or (rows, classes) probabilities."""
    values = np.asarray(predicted, np.float64)
    return values[:, None] if task == "regression" else np.exp(values)


def _loss(target: np.ndarray, given: np.ndarray, task: str) -> np.ndarray:
    """The squared error of each row, or 1 where the most probable class is a wrong one."""
    if task == "regression":
        return np.asarray((given[:, 0] - target) ** 2)
    return np.asarray(given.argmax(axis=1) != target, float)
