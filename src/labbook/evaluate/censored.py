"""Epochs to a goal that some runs did not reach: censored, not dropped.

Such a run needs more than its budget; how many more is not known. Two sides are compared by seed:
who got there first, and by how much where both did. A seed in which one side alone got there ranks
above all others, one in which neither did says nothing. The test is Wilcoxon's (1945) of signed
ranks, its p found by exchanging the sides within seeds, in all ways.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from labbook.evaluate.ranks import signed_rank
from labbook.evaluate.statistics import LEVEL, NAN, Interval

FACTORS = np.geomspace(1 / 100, 100, 461)  # that are tried, 2 % apart; an interval beyond is open
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
    known = differences[~np.isnan(differences)]
    return signed_rank(known), signed_rank(-known)


def factor_interval(times: Times) -> tuple[float, float, float]:
    """How many times as many epochs `second` needs, with its interval.

    The interval has the factors at which the test does not tell `second` from `first` times the
    factor; its middle is where the signed ranks are in balance, known only where both sides got
    there. An end beyond FACTORS is NaN: open.
    """
    found = np.array([tails(times.differences(factor)) for factor in FACTORS])  # (factors, 2)
    favours = found[:, 1] - found[:, 0]  # positive where `second` still needs longer
    longer, shorter = (np.flatnonzero(one) for one in (favours > EVEN, favours < -EVEN))
    inside = np.flatnonzero(2 * found.min(axis=1) >= 1 - LEVEL)
    last = len(FACTORS) - 1
    if not len(inside):  # it lies between two neighbours, or beyond all of them
        inside = np.array([max(longer, default=0), min(shorter, default=last)])
    low = float(FACTORS[inside[0]]) if inside[0] > 0 else NAN
    high = float(FACTORS[inside[-1]]) if inside[-1] < last else NAN
    known = times.first.reached.any() and times.second.reached.any()
    if not (known and len(longer) and len(shorter)):
        return NAN, low, high
    return float(np.sqrt(FACTORS[longer[-1]] * FACTORS[shorter[0]])), low, high


def _logarithms(epochs: np.ndarray, reached: np.ndarray) -> np.ndarray:
    return np.where(reached, np.round(np.log(epochs), DIGITS), np.inf)


def _crossing(survival: Any) -> float:
    """The first epoch at which at most half are left to get there."""
    # Where nobody is left the band is undefined: there the survival is 0.
    there = np.flatnonzero(np.nan_to_num(survival.probabilities) <= 0.5)
    return float(survival.quantiles[there[0]]) if len(there) else np.inf
