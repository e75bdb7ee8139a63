"""Metrics by name: plain NumPy, in the target's original units.

`target` is (rows,), float64 or int64 class numbers; `predicted` (rows,) for quantities, (rows,
classes) log-probabilities for classes. Names of results add the part: `test_mse`.
"""

import math
from collections.abc import Callable

import numpy as np

CONSTANT = 1e-12  # deviations this small against the mean are errors of rounding


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


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "mse": mse,
    "mae": mae,
    "r2": r2,
    "accuracy": accuracy,
    "cross_entropy": cross_entropy,
}
# What a value of a metric, and so its mean over any runs, can be.
BOUNDS = {"r2": (-math.inf, 1.0), "accuracy": (0.0, 1.0)}  # all others: from 0 on
# What matters little: a share of errors and of epochs, a difference of these.
MARGINS = {"r2": 0.01, "accuracy": 0.005}
RELATIVE_MARGIN = 0.05
# Whoever is not 5 % below the loss of the best constant prediction has learnt nothing: the mean of
# a few groups would give as much, and so does the lowest of many epochs' losses by chance alone.
LEARNED = 0.95
PARTS = ("train", "valid", "test")  # whose metrics a run has
HIGHER_IS_BETTER = frozenset({"r2", "accuracy"})
OF_TASK = {
    "regression": ("mse", "mae", "r2"),
    "classification": ("accuracy", "cross_entropy"),
}


def measure_of(name: str) -> str:
    """The measure of a result: `mse` of `test_mse`; what has no part is its own measure."""
    part, _, measure = name.partition("_")
    return measure if part in PARTS and measure in METRICS else name


def higher_is_better(name: str) -> bool:
    """Whether more is better for a metric or a result (`r2`, `test_accuracy`)."""
    return measure_of(name) in HIGHER_IS_BETTER


def bounds(name: str) -> tuple[float, float]:
    """Smallest and largest value that a result (`epochs`, `test_accuracy`) can have."""
    return BOUNDS.get(measure_of(name), (0.0, math.inf))


def is_ratio(name: str) -> bool:
    """Whether values of a result are compared by their ratio: errors, losses, epochs.

    They are positive and skewed: a few runs far worse than the rest. Their logarithms are not.
    """
    return measure_of(name) not in MARGINS


def margin(name: str) -> float:
    """What matters little where nothing else is said: 0.05, 5 %, for what is compared by ratio."""
    return MARGINS.get(measure_of(name), RELATIVE_MARGIN)


def measure(task: str, part: str, target: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """All metrics of `task`, named for `part`, one of PARTS."""
    return {f"{part}_{name}": METRICS[name](target, predicted) for name in OF_TASK[task]}
