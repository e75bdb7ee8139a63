"""Predicted against true: rows of a typical run for quantities, confusion counts for classes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table

MOST_ROWS = 1000
MOST_CLASSES = 30  # of a confusion table
OTHERS = "({} other classes)"
ANOTHER = "(another of these)"  # taken for a class that is not the right one of the others
PREDICTIONS = ("combination", "seed", "part", "row", "x", "true", "predicted")
CONFUSION = ("combination", "part", "true", "predicted", "count")


def write_predictions(results: StudyRuns, path: Path) -> None:
    """Validation rows of each combination's median run, in the target's original units.

    `row` is the row's place in the data set; `x` the input where there is only one. At most 1,000
    rows, evenly spaced among those of the split. Empty for classes.
    """
    rows: list[list[Any]] = []
    if results.study.task == "regression":
        for label in results.labels:
            rows += _predicted(results, label)
    write_table(path, pd.DataFrame(rows, columns=PREDICTIONS, dtype=object))


def write_confusion(results: StudyRuns, chosen: str | None, path: Path) -> None:
    """Counts of true and predicted classes, summed over seeds.

    Of validation rows for all combinations, of test rows for the `chosen` one only. Of very many
    classes those that are confused most on validation rows; the rest are gathered. Empty for
    quantities.
    """
    rows: list[list[Any]] = []
    if results.study.task == "classification":
        valid = {label: _predicted_classes(results, label, "valid") for label in results.labels}
        shown = most_confused(np.concatenate([*valid.values()]), len(results.prepared.classes))
        for label in results.labels:
            rows += [[label, "valid", *row] for row in _counted(results, valid[label], shown)]
            if label == chosen:
                test = _predicted_classes(results, label, "test")
                rows += [[label, "test", *row] for row in _counted(results, test, shown)]
    write_table(path, pd.DataFrame(rows, columns=CONFUSION, dtype=object))


def most_confused(cases: np.ndarray, classes: int) -> np.ndarray:
    """Numbers of the classes to show, ascending, by `cases` of true and predicted ones (cases, 2).

    All `classes`, or of more than 30 those that a wrong case most often is or is taken for.
    """
    if classes <= MOST_CLASSES:
        return np.arange(classes)
    wrong = cases[cases[:, 0] != cases[:, 1]]
    often = np.bincount(wrong.ravel(), minlength=classes)
    return np.sort(np.argsort(-often, kind="stable")[:MOST_CLASSES])  # of equals the first


def median_seed(results: StudyRuns, label: str) -> int | None:
    """The seed whose run has the median of the choice metric (the lower of two middle ones)."""
    values = results.values(label, results.choice)
    order = np.argsort(values, kind="stable")[: int(np.isfinite(values).sum())]  # NaN comes last
    return results.study.seeds[order[(len(order) - 1) // 2]] if len(order) else None


def _predicted(results: StudyRuns, label: str) -> list[list[Any]]:
    seed = median_seed(results, label)
    if seed is None:
        return []
    prepared = results.prepared
    predicted = results.read(label, seed, "predictions").predictions["valid"]
    rows = prepared.split(seed).valid  # (rows,), in the order of the predictions
    shown = np.unique(np.rint(np.linspace(0, len(rows) - 1, MOST_ROWS)).astype(int))
    seen, columns = prepared.features, results.columns(label, seed)
    if columns is not None:
        seen = seen[:, columns]
    single = seen.ndim == 2 and seen.shape[1] == 1  # the one column that the model saw
    return [
        [
            label, seed, "valid", int(rows[i]), float(seen[rows[i], 0]) if single else None,
            float(prepared.target[rows[i]]), predicted[i],
        ]
        for i in shown
    ]  # fmt: skip


def _predicted_classes(results: StudyRuns, label: str, part: str) -> np.ndarray:
    """True and predicted class of each row of a part, of all seeds: numbers (cases, 2)."""
    cases = [np.empty((0, 2), dtype=int)]
    for seed in results.study.seeds:
        predictions = results.read(label, seed, "predictions").predictions
        if part in predictions:  # a diverged run has none
            true = results.prepared.target[getattr(results.prepared.split(seed), part)]
            cases.append(np.column_stack([true, predictions[part].argmax(axis=1)]))
    return np.concatenate(cases)


def _counted(results: StudyRuns, cases: np.ndarray, shown: np.ndarray) -> list[list[Any]]:
    """Rows of true class, predicted class and count; classes that are not `shown` as one."""
    classes = results.prepared.classes
    names = [classes[number] for number in shown]
    places = np.full(len(classes), len(names))
    places[shown] = np.arange(len(names))
    true, predicted = places[cases].T
    columns = names
    if len(names) < len(classes):
        others = OTHERS.format(len(classes) - len(names))
        names, columns = [*names, others], [*names, others, ANOTHER]
        # Within the gathered classes a wrong one must not look like a right one.
        predicted = predicted + ((true == predicted) & (cases[:, 0] != cases[:, 1]))
    counts = np.zeros((len(names), len(columns)), dtype=int)
    np.add.at(counts, (true, predicted), 1)
    return [
        [names[row], columns[column], int(count)] for (row, column), count in np.ndenumerate(counts)
    ]
