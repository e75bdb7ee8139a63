"""How many more seeds would decide, by statsmodels: a guide from few data, not a promise."""

import math

import numpy as np
from scipy import stats
from statsmodels.stats.power import TTestPower

from labbook.evaluate.comparison import Comparison
from labbook.verdicts import ALPHA

POWER = 0.8
MOST_SEEDS = 200  # more than this is not asked for


def fresh_seeds(comparison: Comparison, tests: int, margin: float = math.inf) -> float | None:
    """How many more pairs would decide, with power 0.8, if effect and spread are as observed.

    At the strictest step of Holm's correction for `tests` tests; infinite above 200. Decided is a
    difference, or that there is none as large as `margin`. None without two pairs.
    """
    if comparison.pairs < 2:
        return None
    totals, alpha = _totals(comparison, tests)
    if _by_signs(comparison):
        return first_enough(_sign_power(comparison, totals, alpha))
    size = abs(comparison.difference.mean) / comparison.difference.deviation
    power = _power(size, totals, alpha, "two-sided")
    room = (margin - abs(comparison.difference.mean)) / comparison.difference.deviation
    if 0 < room < math.inf:
        # Two one-sided tests; the nearer bound decides but for differences close to 0.
        power = np.maximum(power, _power(room, totals, alpha, "larger"))
    return first_enough(power)


def fresh_seeds_for_margin(comparison: Comparison, tests: int, margin: float) -> float | None:
    """The same, to decide whether the difference is below `margin` or above it."""
    if comparison.pairs < 2:
        return None
    totals, alpha = _totals(comparison, tests)
    if _by_signs(comparison):
        return first_enough(_sign_power(comparison, totals, alpha))
    room = (abs(comparison.difference.mean) - margin) / comparison.difference.deviation
    kind = "two-sided" if room > 0 else "larger"
    return first_enough(_power(abs(room), totals, alpha, kind))


def first_enough(power: np.ndarray) -> float:
    """The first number of additional seeds, from 1 on, whose `power` suffices; or infinity."""
    enough = np.flatnonzero(power >= POWER)
    return int(enough[0]) + 1 if len(enough) else math.inf


def _totals(comparison: Comparison, tests: int) -> tuple[np.ndarray, float]:
    return comparison.pairs + np.arange(1, MOST_SEEDS + 1), ALPHA / max(tests, 1)


def _by_signs(comparison: Comparison) -> bool:
    failed = comparison.failed_first or comparison.failed_second
    return bool(failed or comparison.difference.deviation == 0)


def _power(size: float, totals: np.ndarray, alpha: float, alternative: str) -> np.ndarray:
    if size == 0:
        return np.zeros(len(totals))
    power = TTestPower().power(size, totals, alpha, alternative=alternative)
    # NaN: an effect so strong that the tail underflows.
    return np.asarray(np.nan_to_num(power, nan=1.0))


def _sign_power(comparison: Comparison, totals: np.ndarray, alpha: float) -> np.ndarray:
    decided = comparison.wins + comparison.losses
    if comparison.wins == comparison.losses:
        return np.zeros(len(totals))
    share = max(comparison.wins, comparison.losses) / decided
    counted = np.floor(totals * decided / comparison.pairs)  # without ties
    most_by_chance = stats.binom.isf(alpha / 2, counted, 0.5)
    return np.asarray(stats.binom.sf(most_by_chance, counted, share))
