"""Metrics: a record for each says its formula and all else that anybody asks of it.

`target` is (rows,), float64 or int64 class numbers; `predicted` (rows,) for quantities, (rows,
classes) log-probabilities for classes. Names of results add the part: `test_mse`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

CONSTANT = 1e-12  # deviations this small against the mean are errors of rounding
PARTS = ("train", "valid", "test")  # whose metrics a run has
# Whoever is not 5 % below the loss of the best constant prediction has learnt nothing: the mean of
# a few groups would give as much, and so does the lowest of many epochs' losses by chance alone.
LEARNED = 0.95


def mse(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean squared error, in squared units of the target."""
    return float(np.mean((predicted.astype(np.float64) - target) ** 2))


def mae(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean absolute error, in units of the target."""
    return float(np.mean(np.abs(predicted.astype(np.float64) - target)))


def r2(target: np.ndarray, predicted: np.ndarray) -> float:
    """1 - squared errors / squared deviations from the mean; NaN for a target that is constant.

    Up to rounding: 14.62 many times has a mean that is not quite 14.62.
    """
    spread = float(np.sum((target - np.mean(target)) ** 2))
    errors = float(np.sum((predicted.astype(np.float64) - target) ** 2))
    rounding = len(target) * (CONSTANT * float(np.mean(target))) ** 2
    return 1 - errors / spread if spread > rounding else float("nan")


def accuracy(target: np.ndarray, predicted: np.ndarray) -> float:
    """Share of rows whose most probable class (the first of equals) is the true one."""
    return float(np.mean(predicted.argmax(axis=1) == target))


def cross_entropy(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of -log p(true class), in nats."""
    return float(-np.mean(predicted[np.arange(len(target)), target], dtype=np.float64))


@dataclass(frozen=True)
class Metric:
    """A number that says something of a run. With a unit alone: less is better, as of epochs.

    `formula` takes (target, predicted), of a metric of learning curves the curves. `unit` is in
    words, `{target}` stands for the target's name. `margin` is what matters little: a share where
    values are compared by their `ratio`, as errors and epochs are (they are positive and skewed: a
    few runs far worse than the rest; their logarithms are not), else a difference. `low` and `high`
    are the ends of what a value, and so a mean, can be. `power` is that of the target's unit in an
    error. `counts_rows`: a value is a share of rows. `of_learners`: a run that learnt nothing has
    no such number.
    """

    formula: Callable[..., float]
    unit: str
    label: str = ""  # as people read it; left out: its name
    task: str = ""  # "regression" or "classification"; left out: both
    higher_is_better: bool = False
    ratio: bool = True
    margin: float = 0.05
    low: float = 0.0
    high: float = math.inf
    power: int = 0
    counts_rows: bool = False
    of_learners: bool = False


# The first of a task is what its models are chosen by, on validation rows.
METRICS = {
    "mse": Metric(mse, "square of {target}", "MSE", "regression", power=2),
    "mae": Metric(mae, "{target}", "MAE", "regression", power=1),
    "r2": Metric(
        r2, "", "R²", "regression",
        higher_is_better=True, ratio=False, margin=0.01, low=-math.inf, high=1.0,
    ),
    "accuracy": Metric(
        accuracy, "share of rows", "accuracy", "classification",
        higher_is_better=True, ratio=False, margin=0.005, high=1.0, counts_rows=True,
    ),
    "cross_entropy": Metric(cross_entropy, "nats", "cross entropy", "classification"),
}  # fmt: skip


def of_task(task: str) -> tuple[str, ...]:
    """Names of the metrics of "regression" or "classification"."""
    return tuple(name for name, metric in METRICS.items() if metric.task == task)


def chosen_by(task: str) -> str:
    """The result by which models of a task are chosen, and compared where nothing else is said."""
    return f"valid_{of_task(task)[0]}"


def measure(task: str, part: str, target: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """All metrics of `task`, named for `part`, one of PARTS."""
    return {f"{part}_{name}": METRICS[name].formula(target, predicted) for name in of_task(task)}
