"""A mean effect over data sets, each of which counts alike. Why which test: docs/evidence.md."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from labbook.evaluate.statistics.intervals import NAN, Interval, constant, mean_interval
from labbook.evaluate.statistics.location_tests import RANKS, SIGN, TESTS, T
from labbook.verdicts import FEWEST_SEEDS

FEWEST_DATASETS = 3  # two leave one degree of freedom: an interval that says nothing
FEWEST_SIGNS = FEWEST_SEEDS  # fewer cannot all have one sign by less than a chance of 5 %


@dataclass(frozen=True)
class Effects:
    """Effects on data sets, shape (data sets,), on the scale of comparison, larger as claimed.

    The data sets are taken for a sample, so what is tested is their mean, by its spread.
    """

    values: np.ndarray

    @cached_property
    def interval(self) -> Interval:
        """The mean and its Student's t interval."""
        return mean_interval(self.values)

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that must agree; none of fewer than three, or of equal ones fewer than six."""
        k = len(self.values)
        if k < FEWEST_DATASETS:
            return ()
        sizes = () if constant(self.values) else (T,)
        return (*sizes, SIGN, RANKS) if k >= FEWEST_SIGNS else sizes

    def two_sided(self, bound: float = 0.0) -> float:
        """Return p of a mean effect of at most `bound` in either direction."""
        return min(1.0, 2 * min(self._one_sided(sign, bound) for sign in (1, -1)))

    def from_bound(self, bound: float) -> float:
        """Return p, two-sided, of a mean effect of exactly `bound`."""
        return Effects(self.values - bound).two_sided()

    def equivalent(self, margin: float) -> float:
        """Return p of a mean effect of at least `margin` in either direction."""
        return max(self._one_sided(sign, -margin) for sign in (1, -1))

    def _one_sided(self, sign: int, bound: float) -> float:
        return max((TESTS[test](sign * self.values, bound) for test in self.tests), default=NAN)

    @property
    def further(self) -> tuple[float, float]:
        """Where the effect measured on one further data set may lie: 95 % prediction interval.

        Student's, of one more value of the same distribution.
        """
        half = (self.interval.high - self.interval.mean) * np.sqrt(len(self.values) + 1)
        return self.interval.mean - half, self.interval.mean + half


def heterogeneity(effects: np.ndarray, errors: np.ndarray, seeds: np.ndarray) -> float:
    """I2 (Higgins and Thompson 2002): the share of the spread that seeds do not explain, 0 to 1.

    `errors` are standard errors of means over so many `seeds`, all of shape (data sets,). They are
    estimates: the inverse of their squares is too large by (n - 1) / (n - 3) on average. Written
    here because statsmodels' combine_effects divides by 0 where data sets do not differ.
    """
    weights = (seeds - 3) / (seeds - 1) / errors**2
    mean = np.average(effects, weights=weights)
    q = float(np.sum(weights * (effects - mean) ** 2))
    expected = len(effects) - 1
    return 1 - expected / q if q > expected else 0.0
