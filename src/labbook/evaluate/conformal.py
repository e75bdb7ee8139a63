"""What the errors on validation rows say about a prediction, and whether test rows agree."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from labbook.evaluate.choice import Choice
from labbook.evaluate.statistics import conformal
from labbook.evaluate.statistics.intervals import Interval, mean_interval
from labbook.evaluate.study_runs import StudyRuns

NOTE = (
    "The validation rows also chose the epoch, so their errors are a little too small; the "
    "coverage is measured on the test rows of each seed, with that seed's own quantile. "
    "Test rows of different seeds overlap, so its interval over seeds is rather too narrow."
)


def conformal_entry(results: StudyRuns, choice: Choice) -> dict[str, Any]:
    """The quantiles of the champion's validation errors, and the coverage of its combination."""
    task = results.study.task
    found = _scores(results, choice.label, choice.seed, "valid")
    assert found is not None  # the champion has predictions
    limits = conformal.quantiles(found)
    return {
        "score": conformal.SCORES[task],
        "rows": len(found),
        "levels": list(conformal.LEVELS),
        "quantiles": limits.tolist(),
        "coverage": _coverage(results, choice.label),
        "note": NOTE,
    }


def _coverage(results: StudyRuns, label: str) -> list[dict[str, Any]]:
    """For some levels the share of test rows that are covered, and the mean width or size."""
    measured = np.array(list(_measured(results, label)))  # (seeds, levels, 2)
    entries = []
    for place, level in enumerate(conformal.MEASURED):
        covered, width = (mean_interval(values) for values in measured[:, place].T)
        entries.append({"level": level} | _share(covered) | {"width": width.mean})
    return entries


def _share(interval: Interval) -> dict[str, Any]:
    low, high = np.clip([interval.low, interval.high], 0, 1).tolist()
    return {"mean": interval.mean, "low": low, "high": high, "n": interval.n}


def _measured(results: StudyRuns, label: str) -> Iterator[np.ndarray]:
    """Of each seed whose run has predictions: (levels, 2), coverage and width of its test rows."""
    for seed in results.study.seeds:
        valid = _scores(results, label, seed, "valid")
        test = _scores(results, label, seed, "test")
        if valid is None or test is None or not len(test):
            continue
        limits = conformal.quantiles(valid, conformal.MEASURED)
        covered = [float((test <= limit).mean()) for limit in limits]
        yield np.column_stack([covered, _widths(results, label, seed, limits)])


def _widths(results: StudyRuns, label: str, seed: int, limits: np.ndarray) -> list[float]:
    """The width of the intervals, or the mean number of classes in the sets of the test rows."""
    if results.study.task == "regression":
        return [2 * limit if np.isfinite(limit) else np.nan for limit in limits]
    predicted = results.read(label, seed, "predictions").predictions["test"]
    return [float(conformal.in_set(predicted, limit).sum(axis=1).mean()) for limit in limits]


def _scores(results: StudyRuns, label: str, seed: int, part: str) -> np.ndarray | None:
    """`conformal.scores` of a part's rows; None where the run has no predictions of it."""
    predictions = results.read(label, seed, "predictions").predictions
    if part not in predictions:
        return None
    target = results.prepared.target[getattr(results.prepared.split(seed), part)]
    return conformal.scores(results.study.task, target, predictions[part])
