"""Measures that need no training: what stored predictions say besides a run's own metrics.

A record each, in the form of metrics.py, whose names this module looks up too. They are of
validation and test rows, whose predictions run files keep. Where a part lets none be (one class
alone, values near 0) a measure is NaN: that is said, and no run has failed.
"""

from collections.abc import Callable

import numpy as np

from labbook.formulas import (
    average_precision,
    balanced_accuracy,
    brier,
    calibration_error,
    macro_f1,
    mape,
    matthews,
    median_error,
    rmse,
    roc_auc,
)
from labbook.metrics import METRICS, PARTS, Metric

MEASURED = ("valid", "test")  # parts of which run files have predictions
NAN = float("nan")
Formula = Callable[[np.ndarray, np.ndarray], float]


def _share(formula: Formula, label: str = "", low: float = 0.0) -> Metric:
    """A measure of classes that is 1 at best, and compared by its difference."""
    return Metric(
        formula, "", label, "classification",
        higher_is_better=True, ratio=False, margin=0.01, low=low, high=1.0,
    )  # fmt: skip


MEASURES = {
    "rmse": Metric(rmse, "{target}", "RMSE", "regression", power=1),
    "median_error": Metric(
        median_error, "{target}", "median absolute error", "regression", power=1
    ),
    "mape": Metric(mape, "share of the true value", "MAPE", "regression"),
    "balanced_accuracy": _share(balanced_accuracy),
    "macro_f1": _share(macro_f1, "macro F1"),
    "roc_auc": _share(roc_auc, "ROC AUC"),
    "average_precision": _share(average_precision),
    "brier": Metric(brier, "", "Brier score", "classification", high=2.0),
    "matthews": _share(matthews, "Matthews’ correlation", -1.0),
    "calibration_error": Metric(
        calibration_error, "", "", "classification", ratio=False, margin=0.01, high=1.0
    ),
}
ALL = {**METRICS, **MEASURES}
EPOCHS = Metric(len, "epochs")


def split_name(name: str) -> tuple[str, str]:
    """The part and the metric of a result's name: `test_mse`; ("", name) of what has no part."""
    part, _, metric = name.partition("_")
    return (part, metric) if part in PARTS and metric in ALL else ("", name)


def is_measure(name: str) -> bool:
    """Whether a result, such as `test_rmse`, is taken of predictions: run files do not have it."""
    part, metric = split_name(name)
    return part in MEASURED and metric in MEASURES


def metric_of(name: str) -> Metric:
    """The record of a result (`test_accuracy`) or metric (`r2`).

    Of what learning curves say that of epochs, which is like theirs in all but the unit.
    """
    return ALL.get(split_name(name)[1], EPOCHS)


def higher_is_better(name: str) -> bool:
    """Whether more is better of a metric or a result (`r2`, `test_accuracy`)."""
    return metric_of(name).higher_is_better


def is_ratio(name: str) -> bool:
    """Whether values of a metric or a result are compared by their ratio."""
    return metric_of(name).ratio


def measures_of(task: str) -> tuple[str, ...]:
    """Names of the measures of "regression" or "classification" that are no run's own metrics."""
    return tuple(name for name, measure in MEASURES.items() if measure.task == task)


def measure_all(
    task: str, part: str, target: np.ndarray, predicted: np.ndarray
) -> dict[str, float]:
    """All metrics and measures of `task`, named for `part`; NaN of all where it has no rows."""
    names = [name for name, metric in ALL.items() if metric.task == task]
    if not len(target):
        return {f"{part}_{name}": NAN for name in names}
    return {f"{part}_{name}": ALL[name].formula(target, predicted) for name in names}
