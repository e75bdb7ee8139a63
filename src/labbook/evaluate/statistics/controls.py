"""What controls are judged by: whether predictions know a shuffled target, how alike twins are."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.intervals import LEVEL, NAN, Interval, constant

USUAL = float(stats.norm.ppf((1 + LEVEL) / 2))  # of 20 differences 19 are within so many deviations


def known_numbers(target: np.ndarray, predicted: np.ndarray) -> float:
    """How surely `predicted` goes with `target`, both (rows,): deviations above what chance gives.

    Dealt out anew among the rows, the squared errors of a target follow its product with the
    predictions alone, whose correlation has then the mean 0 and the variance 1 / (rows - 1) (Pitman
    1937). 0 where one of them does not vary.
    """
    if len(target) < 2 or constant(target) or constant(predicted):
        return 0.0
    return float(np.corrcoef(target, predicted)[0, 1] * np.sqrt(len(target) - 1))


def known_classes(target: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """As `known_numbers` of class numbers: of how many rows are right.

    The moments of a sum of one entry for each row and each target, dealt out anew, are Hoeffding's
    (1951), of entries that are 1 where prediction and target are the same class.
    """
    rows = len(target)
    if rows < 2 or constant(target) or constant(predicted):
        return 0.0
    of_target = np.bincount(target, minlength=classes) / rows
    of_predicted = np.bincount(predicted, minlength=classes) / rows
    expected = of_target @ of_predicted
    # (predicted, target): an entry less the means of its row and its column
    entries = np.eye(classes) - of_target[:, None] - of_predicted + expected
    shares = of_predicted[:, None] * of_target
    variance = rows**2 * np.sum(shares * entries**2) / (rows - 1)
    right = np.mean(target == predicted)
    return float((right - expected) * rows / np.sqrt(variance))


def together(deviations: Sequence[float]) -> float:
    """Return p, one-sided, of independent standard deviations (Stouffer et al. 1949)."""
    return float(stats.norm.sf(np.sum(deviations) / np.sqrt(len(deviations))))


def usual_difference(differences: np.ndarray) -> Interval:
    """Below which size 19 of 20 differences (n,) between two trainings of one setting are.

    Their mean is known to be 0: the repeatability coefficient of Bland and Altman (1986), with the
    interval of a normal distribution's variance. NaN of fewer than two.
    """
    n = len(differences)
    if n < 2:
        return Interval(n, NAN, NAN, NAN, NAN)
    squares = float(np.sum(differences**2))
    tail = (1 - LEVEL) / 2
    low, high = (float(np.sqrt(squares / stats.chi2.ppf(end, n))) for end in (1 - tail, tail))
    size = float(np.sqrt(squares / n))
    return Interval(n, USUAL * size, USUAL * low, USUAL * high, size)
