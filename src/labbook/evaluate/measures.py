"""Measures from stored predictions: of what was chosen, its reference, rivals and the constant."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.choice import Choice
from labbook.evaluate.statistics.intervals import mean_interval, metric_interval
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.threshold import OF_THE_NAMED, best_threshold, decided
from labbook.evaluate.writing import write_table
from labbook.formulas import precisions, recalls
from labbook.measures import ALL, MEASURED, measure_all, measures_of
from labbook.metrics import of_task

MEASURES = ("who", "part", "metric", "mean", "low", "high", "n", "note")
AT_THRESHOLD = "test_at_threshold"  # a part of measures.csv
CLASSES = (
    "combination", "part", "class", "rows", "precision", "precision_low", "precision_high",
    "recall", "recall_low", "recall_high", "n",
)  # fmt: skip


def write_measures(results: StudyRuns, choice: Choice | None, path: Path) -> None:
    """A row per model, part and measure: mean over seeds with interval, and n.

    `n` counts seeds in which the measure is defined, and `note` says where it is not in all. With a
    threshold follow rows of the part `test_at_threshold`.
    """
    task, rows = results.study.task, []
    for who, by_seed in _models(results, choice):
        for part in MEASURED:
            for name in (*of_task(task), *measures_of(task)):
                metric = f"{part}_{name}"
                values = np.array([found.get(metric, np.nan) for found in by_seed])
                one = metric_interval(values, metric)
                note = _note(one.n, by_seed, part, name)
                rows.append([who, part, name, one.mean, one.low, one.high, one.n, note])
    if results.study.block.threshold and choice is not None:
        rows += _at_threshold(results, choice)
    write_table(path, pd.DataFrame(rows, columns=MEASURES, dtype=object))


def _models(
    results: StudyRuns, choice: Choice | None
) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Names, and by seed all measures: the network's, then the rivals' with the constant."""
    seeds = results.study.seeds
    if choice is not None:
        for label in dict.fromkeys((choice.label, results.study.reference)):
            yield label, [dict(results.measured(label, seed)) for seed in seeds]
    for name, predictions in _rivals(results):
        by_seed = []
        for seed, predicted in zip(seeds, predictions, strict=True):
            found: dict[str, float] = {}
            for part in MEASURED:
                target = _target(results, seed, part)
                found |= measure_all(results.study.task, part, target, predicted[part])
            by_seed.append(found)
        yield name, by_seed


def _rivals(results: StudyRuns) -> Iterator[tuple[str, list[Mapping[str, np.ndarray]]]]:
    """Names, and by seed the predictions by part; of the constant alone without rivals."""
    from labbook.rivals.constant import constant_prediction
    from labbook.rivals.file import CONSTANT

    def predicted(name: str, seed: int, part: str) -> np.ndarray:
        if results.rivals is None:
            return constant_prediction(results.prepared, seed, part)
        return results.rivals.predictions[name, seed, part]

    for name in results.rivals.names if results.rivals else (CONSTANT,):
        by_seed: list[Mapping[str, np.ndarray]] = []
        for seed in results.study.seeds:
            by_seed.append({part: predicted(name, seed, part) for part in MEASURED})
        yield name, by_seed


def _target(results: StudyRuns, seed: int, part: str) -> np.ndarray:
    return np.asarray(results.prepared.target[getattr(results.prepared.split(seed), part)])


def _at_threshold(results: StudyRuns, choice: Choice) -> Iterator[list[Any]]:
    """Rows of what test rows say at the threshold of each run, and of that threshold itself."""
    runs: list[Mapping[str, np.ndarray]] = [
        results.read(choice.label, seed, "predictions").predictions for seed in results.study.seeds
    ]
    for who, predictions in ((choice.label, runs), *_rivals(results)):
        by_seed: list[dict[str, float]] = []
        for seed, predicted in zip(results.study.seeds, predictions, strict=True):
            by_seed.append(_measured_at(results, seed, predicted) if predicted else {})
        for name in ("threshold", *OF_THE_NAMED):
            values = np.array([found.get(name, np.nan) for found in by_seed])
            own = name == "threshold"
            one = mean_interval(values) if own else metric_interval(values, f"test_{name}")
            note = _note(one.n, by_seed, "test", name)
            low, high = np.clip([one.low, one.high], 0, 1).tolist() if own else (one.low, one.high)
            yield [who, AT_THRESHOLD, name, one.mean, low, high, one.n, note]


def _measured_at(
    results: StudyRuns, seed: int, predicted: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """The threshold by a run's validation rows, and what its test rows say at it."""
    threshold = best_threshold(_target(results, seed, "valid"), predicted["valid"])
    target, taken = _target(results, seed, "test"), decided(predicted["test"], threshold)
    found = {
        name: ALL[name].formula(target, taken) if len(target) else np.nan for name in OF_THE_NAMED
    }
    return {"threshold": threshold, **found}


def _note(n: int, by_seed: list[dict[str, float]], part: str, name: str) -> str:
    """Why a measure has fewer values than there are seeds."""
    failed = sum(not found for found in by_seed)
    notes = [f"{failed} of {len(by_seed)} failed"] if failed else []
    if undefined := len(by_seed) - failed - n:
        why = "values of the target near 0" if name == "mape" else "one class or value alone"
        notes.append(f"not defined in {undefined} of {len(by_seed)}: {why} in these rows")
    return "; ".join(notes)


def write_classes(results: StudyRuns, choice: Choice | None, path: Path) -> None:
    """By class precision and recall of the chosen combination, means over seeds with intervals.

    `rows` is the mean number of rows of the class in the part. Empty for quantities.
    """
    rows: list[list[Any]] = []
    if choice is not None and results.study.task == "classification":
        for part in MEASURED:
            rows += _of_part(results, choice.label, part)
    write_table(path, pd.DataFrame(rows, columns=CLASSES, dtype=object))


def _of_part(results: StudyRuns, label: str, part: str) -> list[list[Any]]:
    classes, found, sizes = results.prepared.classes, [], []
    for seed in results.study.seeds:
        predictions = results.read(label, seed, "predictions").predictions
        if part in predictions:  # a diverged run has none
            target = results.prepared.target[getattr(results.prepared.split(seed), part)]
            predicted = predictions[part]
            found.append([precisions(target, predicted), recalls(target, predicted)])
            sizes.append(np.bincount(target, minlength=len(classes)))
    rows: list[list[Any]] = []
    values = np.array(found)  # (seeds, 2, classes)
    for number, name in enumerate(classes):
        row: list[Any] = [label, part, name, float(np.mean([size[number] for size in sizes]))]
        for kind in range(2):
            one = mean_interval(values[:, kind, number])
            row += [one.mean, max(one.low, 0.0), min(one.high, 1.0)]
        rows.append([*row, len(values)])
    return rows
