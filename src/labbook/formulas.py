"""Formulas of measures.py, as metrics.py has its own: (target, predicted) to a number.

Held equal to those of scikit-learn, which takes long to import, by tests.
"""

from collections.abc import Callable

import numpy as np

BINS = 10  # of confidence, equally wide, for the calibration error
NEAR_ZERO = 0.01  # of the mean size: values that are nearer to 0 leave no meaningful percentage
NAN = float("nan")


def rmse(target: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in units of the target."""
    return float(np.sqrt(np.mean((predicted.astype(np.float64) - target) ** 2)))


def median_error(target: np.ndarray, predicted: np.ndarray) -> float:
    """Median of the absolute errors, in units of the target: half of the rows do better."""
    return float(np.median(np.abs(predicted.astype(np.float64) - target)))


def mape(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean absolute error as a share of the true value; NaN where a value is 0 or near it."""
    sizes = np.abs(target)
    if not len(sizes) or sizes.min() <= NEAR_ZERO * sizes.mean():
        return NAN
    return float(np.mean(np.abs(predicted.astype(np.float64) - target) / sizes))


def confusion(target: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Counts of rows by true and most probable class (classes, classes)."""
    counts = np.zeros((predicted.shape[1],) * 2)
    np.add.at(counts, (target, predicted.argmax(axis=1)), 1)
    return counts


def recalls(target: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """By class the share of its rows that are found (classes,); NaN of one without rows."""
    counts = confusion(target, predicted)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.diag(counts) / counts.sum(axis=1))


def precisions(target: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """By class the share that is right of the rows taken for it (classes,); NaN without such."""
    counts = confusion(target, predicted)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.diag(counts) / counts.sum(axis=0))


def balanced_accuracy(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over the classes of the share of their rows that are found; NaN for one class alone."""
    found = recalls(target, predicted)
    found = found[np.isfinite(found)]
    return float(found.mean()) if len(found) > 1 else NAN


def macro_f1(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over the classes, true or predicted, of the harmonic mean of precision and recall."""
    counts = confusion(target, predicted)
    sums = counts.sum(axis=0) + counts.sum(axis=1)
    there = sums > 0
    return float(np.mean(2 * np.diag(counts)[there] / sums[there])) if there.any() else NAN


def scores(predicted: np.ndarray) -> np.ndarray:
    """What rows are ordered by: (rows, 1) of two classes, the second's log odds, else (rows, n).

    The odds keep apart what is so sure that its probability is rounded to 1.
    """
    if predicted.shape[1] != 2:
        return predicted
    return np.asarray(predicted[:, 1:].astype(np.float64) - predicted[:, :1])


def _by_class(
    formula: Callable[[np.ndarray, np.ndarray], float], target: np.ndarray, predicted: np.ndarray
) -> float:
    """Mean of a measure of (is of the class, scores) over the classes; those alone are left out."""
    columns = scores(predicted).T
    first = 1 if predicted.shape[1] == 2 else 0
    values = []
    for number, column in enumerate(columns, first):
        true = target == number
        if 0 < true.sum() < len(true):
            values.append(formula(true, column))
    return float(np.mean(values)) if values else NAN


def roc_auc(target: np.ndarray, predicted: np.ndarray) -> float:
    """Area under the ROC curve: how often a row of the class is above one that is not.

    Of two classes the second's; of more the mean over those that a part has, each against the rest.
    """

    def area(true: np.ndarray, values: np.ndarray) -> float:
        _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]  # equal ones share their mean rank
        n = int(true.sum())
        return float((ranks[true].sum() - n * (n + 1) / 2) / (n * (len(true) - n)))

    return _by_class(area, target, predicted)


def average_precision(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean precision over the rows of the class, from the most probable one down; as `roc_auc`."""

    def mean(true: np.ndarray, values: np.ndarray) -> float:
        order = np.argsort(-values, kind="stable")
        found = np.cumsum(true[order])
        last = np.append(np.diff(values[order]) != 0, True)  # of equal ones all at once
        found, taken = found[last], np.flatnonzero(last) + 1
        return float(np.sum(np.diff(found, prepend=0) * found / taken) / true.sum())

    return _by_class(mean, target, predicted)


def brier(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean squared distance of probabilities from what is true, summed over classes.

    Of two classes half of it: that of the second class alone, as Brier's score is usually given.
    """
    shares = np.exp(predicted.astype(np.float64))
    shares[np.arange(len(target)), target] -= 1
    return float(np.mean(np.sum(shares**2, axis=1))) / (2 if predicted.shape[1] == 2 else 1)


def matthews(target: np.ndarray, predicted: np.ndarray) -> float:
    """Matthews' correlation of true and predicted classes; NaN for one true class alone."""
    counts = confusion(target, predicted)
    n, true, taken = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    spread_true, spread_taken = n**2 - np.sum(true**2), n**2 - np.sum(taken**2)
    if spread_true == 0:
        return NAN
    together = np.trace(counts) * n - np.sum(true * taken)
    return float(together / np.sqrt(spread_true * spread_taken)) if spread_taken else 0.0


def confidences(target: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each row's most probable class, and whether it is right: both (rows,)."""
    sure = np.exp(predicted.max(axis=1).astype(np.float64))
    return sure, predicted.argmax(axis=1) == target


def calibration_error(target: np.ndarray, predicted: np.ndarray) -> float:
    """How far confidence is from the share that is right, over ten bins, weighted by rows."""
    sure, right = confidences(target, predicted)
    if not len(sure):
        return NAN
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, sure - right, BINS)
    return float(np.abs(gaps).sum() / len(sure))
