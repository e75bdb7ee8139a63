"""Which of several combinations are clearly worse than the best one, paired by seed.

As in F-race (Birattari, Stuetzle, Paquete and Varrentrapp 2002), where a configuration leaves the
race when a test with the leader shows it worse; by Student's t in place of ranks, as irace (Lopez-
Ibanez et al. 2016) may do, since of three seeds ranks show nothing.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from labbook.evaluate.statistics.intervals import constant

LEVEL = (
    0.05  # of each test, one-sided, without a correction: docs/tuning-search.md: how often it errs
)


@dataclass(frozen=True)
class Behind:
    """How far each is behind the best one, arrays (combinations,).

    `by` is the mean difference on the scale of comparison; `p` of a difference of 0 or less, 1 for
    the best one, and NaN for those that `failed` more often than others, which need no test.
    """

    best: int
    by: np.ndarray
    p: np.ndarray
    failed: np.ndarray

    @property
    def worse(self) -> np.ndarray:
        """Which are clearly worse."""
        return np.asarray(self.failed | (self.p < LEVEL))


def behind(values: np.ndarray) -> Behind:
    """Compare all with the best; `values` (combinations, seeds), larger is better, NaN: failed.

    A run that failed is worse than any other: those that failed more often than others are out.
    Of the rest, the spread within a pair is pooled over all pairs: what is left of a value once
    its combination's and its seed's mean are taken off (a two-way analysis of variance, Fisher
    1925). For two combinations that is the paired t test.
    """
    failures = np.isnan(values).sum(axis=1)
    failed = failures > failures.min()
    told = values[
        :, ~np.isnan(values[~failed]).any(axis=0)
    ]  # seeds in which none of the rest fails
    if not told.shape[1]:  # nothing to compare by: all of the rest stay, the first one leads
        nothing = np.full(len(values), np.nan)
        return Behind(int(np.argmin(failed)), nothing, np.where(failed, np.nan, 1.0), failed)
    means = np.where(failed, -np.inf, told.mean(axis=1))
    best = int(np.argmax(means))  # of equals the first, so the order of runs does not matter
    by = np.where(failed, np.nan, means[best] - means)
    return Behind(best, by, _p(told[~failed], by, failed), failed)


def _p(values: np.ndarray, by: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """Of each the p of being no worse than the best; `values` are of those that did not fail."""
    combinations, seeds = values.shape
    p = np.where(failed, np.nan, 1.0)
    if combinations < 2 or seeds < 2:
        return p
    left = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    degrees = (combinations - 1) * (seeds - 1)
    error = np.sqrt(2 * (left**2).sum() / degrees / seeds)
    rest = ~failed & (by > 0)
    if constant(left.ravel() + np.abs(values).max()):  # equal differences: no chance in them
        return np.where(rest & (by > 1e-12 * np.abs(values).max()), 0.0, p)
    return np.where(rest, special.stdtr(degrees, -by / error), p)
