"""Epochs to a goal that some runs did not reach: censored, not dropped. By SciPy.

Such a run needs more than its budget; how many more is not known. What is compared is who gets
there first, by the log-rank test (Mantel 1966). Seeds are paired, so its p is found by exchanging
the two sides within seeds.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from labbook.evaluate.statistics import LEVEL, NAN, Interval

RATIOS = np.geomspace(1 / 100, 100, 201)  # that are tried; an interval beyond them is open
EXCHANGES = 999  # all of them up to 9 seeds, this many random ones beyond


@dataclass(frozen=True)
class Censored:
    """Epochs of each seed, shape (seeds,), and whether the goal was reached in them."""

    epochs: np.ndarray
    reached: np.ndarray

    @property
    def data(self) -> stats.CensoredData:
        """The same for SciPy."""
        return stats.CensoredData.right_censored(self.epochs, ~self.reached)


def median_interval(values: Censored) -> Interval:
    """Kaplan and Meier's median with its 95 % interval (log-log); an open end is infinite.

    `deviation` is NaN: there is none of values that are not known.
    """
    n = len(values.epochs)
    if not values.reached.any():
        return Interval(n, NAN, float(values.epochs.min()), np.inf, NAN)
    survival = stats.ecdf(values.data).sf
    with warnings.catch_warnings(action="ignore"):  # where all are there, its end is undefined
        band = survival.confidence_interval(LEVEL, method="log-log")
    middle, low, high = (_crossing(one) for one in (survival, band.low, band.high))
    return Interval(n, middle, low, high, NAN)


def exchange_test(first: Censored, second: Censored) -> tuple[float, int]:
    """Two-sided p of the log-rank statistic under exchange within pairs, and whom it favours."""
    if not (first.reached | second.reached).any():
        return 1.0, 0
    # One number per run: permutation_test exchanges arrays, and negative epochs do not exist.
    one, two = (np.where(side.reached, side.epochs, -side.epochs) for side in (first, second))
    found = stats.permutation_test(
        (one, two), _signed_statistic, permutation_type="samples", vectorized=False,
        n_resamples=EXCHANGES, rng=np.random.default_rng(0),
    )  # fmt: skip
    return float(found.pvalue), int(np.sign(found.statistic))


def ratio_interval(first: Censored, second: Censored) -> tuple[float, float, float]:
    """How many times as many epochs `second` needs, with its interval.

    The ratios at which the log-rank test would not tell the sides apart, had `first` needed that
    many times as long (Wei and Gail 1983). NaN where the interval is open.
    """
    statistics = np.array([_statistic(first, second, ratio) for ratio in RATIOS])
    limit = stats.norm.isf((1 - LEVEL) / 2)
    inside = np.flatnonzero(np.abs(statistics) <= limit)
    if not len(inside) or not (first.reached | second.reached).any():
        return NAN, NAN, NAN
    low = RATIOS[inside[0]] if inside[0] > 0 else NAN
    high = RATIOS[inside[-1]] if inside[-1] < len(RATIOS) - 1 else NAN
    known = first.reached.any() and second.reached.any()
    middle = RATIOS[np.abs(statistics).argmin()] if known else NAN
    return float(middle), float(low), float(high)


def _statistic(first: Censored, second: Censored, ratio: float = 1.0) -> float:
    """The log-rank statistic, positive where `first`, slowed down by `ratio`, gets there first."""
    longer = Censored(first.epochs * ratio, first.reached)
    if not (first.reached.any() or second.reached.any()):
        return 0.0
    with np.errstate(invalid="ignore"):  # 0 / 0 where nobody is left to compare with
        return float(np.nan_to_num(stats.logrank(longer.data, second.data).statistic))


def _signed_statistic(one: np.ndarray, two: np.ndarray) -> float:
    first, second = (Censored(np.abs(side), side > 0) for side in (one, two))
    return _statistic(first, second)


def _crossing(survival: Any) -> float:
    """The first epoch at which at most half are left to get there."""
    # Where nobody is left the band is undefined: there the survival is 0.
    there = np.flatnonzero(np.nan_to_num(survival.probabilities) <= 0.5)
    return float(survival.quantiles[there[0]]) if len(there) else np.inf
