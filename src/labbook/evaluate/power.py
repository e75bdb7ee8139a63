"""How many more seeds would decide, by statsmodels: a guide from few data, not a promise."""

import math

import numpy as np
from scipy import stats
from statsmodels.stats.power import TTestPower

from labbook.evaluate.comparison import Comparison
from labbook.verdicts import ALPHA

POWER = 0.8
MOST_SEEDS = 200  # more than this is not asked for


def more_seeds(comparison: Comparison, tests: int, margin: float = math.inf) -> int | None:
    """How many more pairs would decide, with power 0.8, if effect and spread are as observed.

    At the strictest step of Holm's correction for `tests` tests; at most 200. Decided is a
    difference, or that there is none as large as `margin`. None without two pairs.
    """
    if comparison.pairs < 2:
        return None
    totals = comparison.pairs + np.arange(1, MOST_SEEDS + 1)  # (candidates,)
    alpha = ALPHA / max(tests, 1)
    if comparison.failed_first or comparison.failed_second or comparison.difference.deviation == 0:
        return first_enough(_sign_power(comparison, totals, alpha))
    size = abs(comparison.difference.mean) / comparison.difference.deviation
    room = (margin - abs(comparison.difference.mean)) / comparison.difference.deviation
    power = _power(size, totals, alpha, "two-sided")
    if 0 < room < math.inf:
        # Two one-sided tests; the nearer bound decides but for differences close to 0.
        power = np.maximum(power, _power(room, totals, alpha, "larger"))
    return first_enough(power)


def first_enough(power: np.ndarray) -> int:
    """The first number of additional seeds, from 1 on, whose `power` suffices."""
    enough = np.flatnonzero(power >= POWER)
    return int(enough[0]) + 1 if len(enough) else MOST_SEEDS


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
    most_by_chance = stats.binom.isf(alpha / 2, totals, 0.5)
    return np.asarray(stats.binom.sf(most_by_chance, totals, share))
