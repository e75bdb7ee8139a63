"""Epochs to a goal that some runs did not reach: censored, not dropped.

Such a run needs more than its budget; how many more is not known. Two sides are compared by seed:
who got there first, and by how much where both did. A seed in which one side alone got there ranks
above all others, one in which neither did says nothing. The test is Wilcoxon's (1945) of signed
ranks, its p found by exchanging the sides within seeds, in all ways.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.intervals import LEVEL, NAN, Interval
from labbook.evaluate.statistics.ranks import signed_rank_tails

FACTORS = np.geomspace(1 / 100, 100, 117)  # that are tried, 8 % apart; an interval beyond is open
HALVINGS = 10  # of the way between two of them, to where something changes
EVEN = 1e-9  # of two chances that differ by less neither is larger
DIGITS = 9  # of logarithms of epochs: equal ones are equal on every machine


@dataclass(frozen=True)
class Censored:
    """Epochs of each seed, shape (seeds,), and whether the goal was reached in them."""

    epochs: np.ndarray
    reached: np.ndarray

    @property
    def data(self) -> stats.CensoredData:
        """The same for SciPy."""
        return stats.CensoredData.right_censored(self.epochs, ~self.reached)


@dataclass(frozen=True)
class Times:
    """Two sides' epochs to the goal, and the budget of each."""

    first: Censored
    second: Censored
    budgets: tuple[float, float]

    def differences(self, factor: float = 1.0) -> np.ndarray:
        """Logarithms of how much longer `second` needs than `first` times `factor`, (seeds,).

        Infinite where one side alone got there, NaN where neither did. Who got there only after
        the smaller of both budgets (`first`'s times `factor`) counts as if it had not: else the
        side with the larger budget would have more chances, and an exchange would show.
        """
        limit = min(self.budgets[0] * factor, self.budgets[1]) * (1 + 10.0**-DIGITS)
        slowed, epochs = self.first.epochs * factor, self.second.epochs
        first = _logarithms(slowed, self.first.reached & (slowed <= limit))
        second = _logarithms(epochs, self.second.reached & (epochs <= limit))
        with np.errstate(invalid="ignore"):  # neither got there
            return np.asarray(second - first)


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


def tails(differences: np.ndarray) -> tuple[float, float]:
    """One-sided p of differences, shape (seeds,), that are 0 or less, and 0 or more.

    Some may be infinite; NaN says nothing. Exact where the sides may be exchanged within seeds.
    """
    return signed_rank_tails(differences[~np.isnan(differences)])


def factor_interval(times: Times, level: float = LEVEL) -> tuple[float, float, float]:
    """How many times as many epochs `second` needs, with its interval.

    The interval has the factors at which the test does not tell `second` from `first` times the
    factor; its middle is where neither is ahead, known only where both sides got there. What lies
    beyond FACTORS is NaN: open.
    """

    @cache
    def tails_at(factor: float) -> tuple[float, float]:
        return tails(times.differences(factor))

    def ahead(factor: float) -> float:
        greater, less = tails_at(factor)
        return less - greater  # positive where `second` still needs longer

    def rejected(factor: float) -> bool:
        return 2 * min(tails_at(factor)) < 1 - level

    leads = np.array([ahead(factor) for factor in FACTORS])
    inside = [float(factor) for factor in FACTORS if not rejected(factor)]
    middle = NAN
    if (leads > EVEN).any() and (leads < -EVEN).any():
        ends = FACTORS[leads > EVEN][-1], FACTORS[leads < -EVEN][0]
        first = _last(lambda factor: ahead(factor) > EVEN, *ends)
        middle = float(np.sqrt(first * _last(lambda factor: ahead(factor) >= -EVEN, *ends)))
        inside.append(middle)
    if not inside:  # all are beyond those that are tried
        return (NAN, float(FACTORS[-1]), NAN) if leads[0] > 0 else (NAN, NAN, float(FACTORS[0]))
    below, above = FACTORS[min(inside) > FACTORS], FACTORS[max(inside) < FACTORS]
    low = _last(rejected, below[-1], min(inside)) if len(below) else NAN
    high = _last(rejected, above[0], max(inside)) if len(above) else NAN
    known = times.first.reached.any() and times.second.reached.any()
    return (middle if known else NAN), low, high


def _last(holds: Callable[[float], bool], start: float, end: float) -> float:
    """The last factor on the way from `start`, where it holds, to `end`, where it does not."""
    for _ in range(HALVINGS):
        half = float(np.sqrt(start * end))
        start, end = (half, end) if holds(half) else (start, half)
    return float(start)


def _logarithms(epochs: np.ndarray, reached: np.ndarray) -> np.ndarray:
    return np.where(reached, np.round(np.log(epochs), DIGITS), np.inf)


def _crossing(survival: Any) -> float:
    """The first epoch at which at most half are left to get there."""
    # Where nobody is left the band is undefined: there the survival is 0.
    there = np.flatnonzero(np.nan_to_num(survival.probabilities) <= 0.5)
    return float(survival.quantiles[there[0]]) if len(there) else np.inf
