"""ROC, precision-recall and calibration of the chosen combination, with bands over the seeds."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.choice import Choice
from labbook.evaluate.statistics.intervals import mean_intervals
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.formulas import BINS, confidences, scores

COLUMNS = ("curve", "class", "x", "mean", "low", "high", "n", "share")
GRID = np.linspace(0, 1, 41)
MOST_CLASSES = 6  # each has a curve of its own


def write_rates(results: StudyRuns, choice: Choice | None, path: Path) -> None:
    """Curves on test rows of the chosen combination; only a header for quantities.

    `curve` is `roc` (x: false positive rate), `precision` (x: recall) or `calibration` (x: mean
    confidence in a bin; `mean` is the share that is right, `share` that of the rows there). Of two
    classes the second has a curve, of up to six each, of more none but calibration.
    """
    rows: list[list[Any]] = []
    if choice is not None and results.study.task == "classification":
        cases = []
        for seed in results.study.seeds:
            predictions = results.read(choice.label, seed, "predictions").predictions
            if "test" in predictions:  # a diverged run has none
                target = results.prepared.target[results.prepared.split(seed).test]
                cases.append((target, predictions["test"]))
        rows = [*_curves(cases, results.prepared.classes), *_calibration(cases)]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _curves(
    cases: list[tuple[np.ndarray, np.ndarray]], classes: tuple[str, ...]
) -> list[list[Any]]:
    if len(classes) > MOST_CLASSES:
        return []
    first = 1 if len(classes) == 2 else 0
    rows = []
    for number in range(first, len(classes)):
        found: dict[str, list[np.ndarray]] = {"roc": [], "precision": []}
        shares = []
        for target, predicted in cases:
            true = target == number
            if 0 < true.sum() < len(true):
                roc, precision = _of_seed(true, scores(predicted)[:, number - first])
                found["roc"].append(roc)
                found["precision"].append(precision)
                shares.append(float(true.mean()))
        for curve, values in found.items():
            if values:
                rows += _rows(curve, classes[number], GRID, np.array(values), np.mean(shares))
    return rows


def _of_seed(true: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True positive rates at the false ones of GRID, precision at its recalls: both (points,)."""
    order = np.argsort(-values, kind="stable")
    last = np.append(np.diff(values[order]) != 0, True)  # of equal ones all at once
    hits = np.cumsum(true[order])[last]
    taken = np.flatnonzero(last) + 1
    recall, false = hits / true.sum(), (taken - hits) / (~true).sum()
    # np.interp takes the last of equal false rates, which has the highest true rate.
    roc = np.interp(GRID, np.append(0.0, false), np.append(0.0, recall))
    precision = np.maximum.accumulate((hits / taken)[::-1])[::-1]
    places = np.minimum(np.searchsorted(recall, GRID - 1e-12), len(recall) - 1)
    return roc, precision[places]


def _calibration(cases: list[tuple[np.ndarray, np.ndarray]]) -> list[list[Any]]:
    right_shares, sure_means, weights = [], [], []
    for target, predicted in cases:
        sure, right = confidences(target, predicted)
        bins = np.minimum((sure * BINS).astype(int), BINS - 1)
        counts = np.bincount(bins, minlength=BINS)
        with np.errstate(invalid="ignore"):  # a bin without rows has no share
            right_shares.append(np.bincount(bins, right, BINS) / counts)
            sure_means.append(np.bincount(bins, sure, BINS) / counts)
        weights.append(counts / max(counts.sum(), 1))
    if not cases:
        return []
    there = np.isfinite(right_shares).any(axis=0)
    x = np.nanmean(np.array(sure_means)[:, there], axis=0)
    values = np.array(right_shares)[:, there]
    return _rows("calibration", "", x, values, np.mean(weights, axis=0)[there])


def _rows(curve: str, name: str, x: np.ndarray, values: np.ndarray, share: Any) -> list[list[Any]]:
    """Rows of a curve through `values` (seeds, points) with intervals, which end at 0 and 1."""
    mean, low, high = mean_intervals(values)
    n, shares = np.isfinite(values).sum(axis=0), np.broadcast_to(share, x.shape)
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    columns = (x, mean, low, high, n, shares)
    return [
        [curve, name, *map(float, point[:4]), int(point[4]), float(point[5])]
        for point in zip(*columns, strict=True)
    ]
