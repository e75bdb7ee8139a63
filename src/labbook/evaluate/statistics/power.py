"""How many fresh seeds would decide: a guide from few data, not a promise. By SciPy, statsmodels.

Seeds that are added until something is found find something by chance: so the number counts new
seeds alone, judged by themselves.
"""

import math

import numpy as np
from scipy import stats
from statsmodels.stats.power import TTestPower

from labbook.evaluate.statistics.intervals import constant
from labbook.evaluate.statistics.location_tests import (
    SIGN,
    T_AND_SIGN,
    less,
    skewness_of,
    straightened,
)
from labbook.evaluate.statistics.paired import Comparison
from labbook.evaluate.statistics.ranks import critical_sums
from labbook.verdicts import ALPHA, FEWEST_SEEDS

POWER = 0.8
MOST_SEEDS = 200  # more than this is not asked for
LARGEST = 1e3  # effect in standard deviations; whatever is larger is found as surely
TOTALS = np.arange(FEWEST_SEEDS, MOST_SEEDS + 1)  # numbers of fresh seeds that are looked at


def fresh_seeds(
    comparison: Comparison, tests: int, margin: float = math.inf, bound: float = 0.0
) -> float | None:
    """How many fresh pairs would decide, with power 0.8, if effect and spread are as observed.

    At the strictest step of Holm's correction for `tests` tests; infinite above 200. Decided is a
    difference of more than `bound`, or that there is none as large as `margin`. None without two
    pairs.
    """
    if len(comparison.differences) < 2:
        return None
    alpha = ALPHA / max(tests, 1)
    power = _power_beyond(comparison, alpha, bound)
    if math.isfinite(margin):
        power = np.maximum(power, _power_within(comparison, alpha, margin))
    return first_enough(power)


def first_enough(power: np.ndarray) -> float:
    """The first of TOTALS of which the `power`, shape (TOTALS,), suffices; or infinity."""
    enough = np.flatnonzero(power >= POWER)
    return int(TOTALS[enough[0]]) if len(enough) else math.inf


def _power_beyond(comparison: Comparison, alpha: float, bound: float) -> np.ndarray:
    """Power to show, two-sided, a difference of more than `bound`."""
    sides = (less(sign * comparison.differences, bound) for sign in (1, -1))
    return np.asarray(np.max([_power(one, comparison, alpha / 2) for one in sides], axis=0))


def _power_within(comparison: Comparison, alpha: float, margin: float) -> np.ndarray:
    """Power, at least, to show that it is within the margin: neither one-sided test may miss it."""
    sides = (less(sign * comparison.differences, -margin) for sign in (1, -1))
    return np.asarray(1 - sum(1 - _power(one, comparison, alpha) for one in sides))


def _power(values: np.ndarray, comparison: Comparison, alpha: float) -> np.ndarray:
    """Power by TOTALS of the one-sided test that values as these lie above 0."""
    test = comparison.test
    if not np.isfinite(comparison.differences).all():
        return _sign_power(values, alpha) if test == SIGN else _rank_power(values, alpha)
    if constant(comparison.differences):
        return _sign_power(values, alpha)
    size = float(values.mean()) / comparison.difference.deviation
    if size <= 0:
        return np.zeros(len(TOTALS))
    if test == T_AND_SIGN:
        size = min(size, straightened(size, skewness_of(values)))
    power = TTestPower().power(min(size, LARGEST), TOTALS, alpha, alternative="larger")
    # NaN: an effect so strong that the tail underflows.
    return np.asarray(np.nan_to_num(power, nan=1.0))


def _sign_power(values: np.ndarray, alpha: float) -> np.ndarray:
    wins, losses = (values > 0).sum(), (values < 0).sum()
    if wins <= losses:
        return np.zeros(len(TOTALS))
    counted = np.floor(TOTALS * (wins + losses) / len(values))  # without ties
    most_by_chance = stats.binom.isf(alpha, counted, 0.5)
    return np.asarray(stats.binom.sf(most_by_chance, counted, wins / (wins + losses)))


def _rank_power(values: np.ndarray, alpha: float) -> np.ndarray:
    """The normal approximation by the moments of the rank sum (Lehmann 1975, section 4.2).

    The observed values stand for all that could be drawn.
    """
    with np.errstate(invalid="ignore"):  # of opposite infinities neither is larger
        sums = values[:, None] + values
    above = np.where(np.isnan(sums), 0.5, np.heaviside(sums, 0.5))
    single, double, shared = above.diagonal().mean(), above.mean(), (above.mean(axis=1) ** 2).mean()
    n = TOTALS
    mean = n * single + n * (n - 1) / 2 * double
    variance = n * single * (1 - single) + n * (n - 1) * (n - 2) * (shared - double**2)
    variance += n * (n - 1) / 2 * (2 * (single - double) ** 2 + 3 * double * (1 - double))
    critical = critical_sums(MOST_SEEDS, alpha)[TOTALS - 1]
    deviation = np.sqrt(np.maximum(variance, 1e-9))
    return np.asarray(stats.norm.sf((critical - 0.5 - mean) / deviation))
