"""Predicted against true: rows of a typical run for quantities, confusion counts for classes."""

from pathlib import Path
from typing import Any

import numpy as np

from labbook.evaluate.results import Results
from labbook.evaluate.tables import write_table

MOST_ROWS = 1000
PREDICTIONS = ("combination", "seed", "part", "row", "x", "true", "predicted")
CONFUSION = ("combination", "part", "true", "predicted", "count")


def write_predictions(results: Results, path: Path) -> None:
    """Validation rows of each combination's median run, in the target's original units.

    `row` is the row's place in the data set; `x` the input where there is only one. At most 1,000
    rows, evenly spaced among those of the split. Empty for classes.
    """
    rows: list[list[Any]] = []
    if results.study.task == "regression":
        for label in results.labels:
            rows += _predicted(results, label)
    write_table(path, PREDICTIONS, rows)


def write_confusion(results: Results, chosen: str | None, path: Path) -> None:
    """Counts of true and predicted classes, summed over seeds.

    Of validation rows for all combinations, of test rows for the `chosen` one only. Empty for
    quantities.
    """
    rows: list[list[Any]] = []
    if results.study.task == "classification":
        for label in results.labels:
            for part in ("valid", "test") if label == chosen else ("valid",):
                rows += _confused(results, label, part)
    write_table(path, CONFUSION, rows)


def median_seed(results: Results, label: str) -> int | None:
    """The seed whose run has the median of the choice metric (the lower of two middle ones)."""
    values = results.values(label, results.choice)
    order = np.argsort(values, kind="stable")[: int(np.isfinite(values).sum())]  # NaN comes last
    return results.study.seeds[order[(len(order) - 1) // 2]] if len(order) else None


def _predicted(results: Results, label: str) -> list[list[Any]]:
    seed = median_seed(results, label)
    if seed is None:
        return []
    prepared = results.prepared
    predicted = results.read(label, seed, "predictions").predictions["valid"]
    rows = prepared.split(seed).valid  # (rows,), in the order of the predictions
    shown = np.unique(np.rint(np.linspace(0, len(rows) - 1, MOST_ROWS)).astype(int))
    x = _single_input(results, label, seed)
    return [
        [
            label, seed, "valid", int(rows[i]), None if x is None else float(x[rows[i]]),
            float(prepared.target[rows[i]]), predicted[i],
        ]
        for i in shown
    ]  # fmt: skip


def _single_input(results: Results, label: str, seed: int) -> np.ndarray | None:
    """The one column that the model saw, shape (all rows,); None where there were more."""
    features = results.prepared.features
    columns = results.columns(label, seed)
    if features.ndim != 2:
        return None
    seen = features if columns is None else features[:, columns]
    return np.asarray(seen[:, 0]) if seen.shape[1] == 1 else None


def _confused(results: Results, label: str, part: str) -> list[list[Any]]:
    names = results.prepared.classes
    counts = np.zeros((len(names), len(names)), dtype=int)
    for seed in results.study.seeds:
        predictions = results.read(label, seed, "predictions").predictions
        if part in predictions:  # a diverged run has none
            true = results.prepared.target[getattr(results.prepared.split(seed), part)]
            np.add.at(counts, (true, predictions[part].argmax(axis=1)), 1)
    return [
        [label, part, names[true], names[predicted], int(count)]
        for (true, predicted), count in np.ndenumerate(counts)
    ]
