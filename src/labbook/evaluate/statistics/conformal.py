"""Split conformal prediction: intervals and sets of classes from the errors on validation rows.

Lei et al. (2018) for quantities, with absolute residuals; Sadinle, Lei and Wasserman (2019) for
classes, with 1 minus the probability of the true class. Of rows that are like the validation rows,
in any order, at least the share `level` is covered, whatever the model.
"""

import math
from collections.abc import Sequence

import numpy as np

# Whole percents, so that champion.json has a quantile for every level that may be asked for.
LEVELS = tuple(percent / 100 for percent in range(50, 100))
MEASURED = (0.8, 0.9, 0.95)  # levels whose coverage is measured on test rows
SCORES = {
    "regression": "absolute residual",
    "classification": "1 - probability of the true class",
}


def scores(task: str, target: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """How far each prediction is from the truth (rows,).

    `predicted` is (rows,), or (rows, classes) log-probabilities.
    """
    if task == "regression":
        return np.asarray(np.abs(np.asarray(predicted, np.float64) - target))
    true = predicted[np.arange(len(target)), target]
    return np.asarray(-np.expm1(np.asarray(true, np.float64)))


def quantile(sorted_scores: np.ndarray, level: float) -> float:
    """The ceil((n + 1) level)-th smallest of n scores; infinite where there are too few rows."""
    n = len(sorted_scores)
    rank = math.ceil(round((n + 1) * level, 9))  # 0.9 is a little more than nine tenths
    return float(sorted_scores[rank - 1]) if rank <= n else math.inf


def quantiles(scores_: np.ndarray, levels: Sequence[float] = LEVELS) -> np.ndarray:
    """`quantile` of scores (rows,) for each level, (levels,)."""
    ordered = np.sort(scores_[np.isfinite(scores_)])
    return np.array([quantile(ordered, level) for level in levels])


def in_set(predicted: np.ndarray, limit: float) -> np.ndarray:
    """Which classes a set holds, bool (rows, classes), from log-probabilities of that shape."""
    return np.asarray(-np.expm1(np.asarray(predicted, np.float64)) <= limit)
