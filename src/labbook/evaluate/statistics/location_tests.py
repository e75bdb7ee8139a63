"""Tests of where differences lie: which one judges them, and what each makes of them; by SciPy."""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import special, stats

from labbook.evaluate.statistics.intervals import ROUNDING, constant
from labbook.evaluate.statistics.ranks import signed_rank
from labbook.verdicts import FEWEST_SEEDS

T, T_AND_SIGN, SIGN, RANKS, NO_TEST = "t", "t and sign", "sign", "signed-rank", "none"
# Differences that look so unlike a normal distribution must show the same once their skewness is
# corrected for, and by their signs alone.
DOUBT = 0.2  # p of Shapiro and Wilk's test


def chosen_test(differences: np.ndarray, paired: bool = True) -> str:
    """Which test judges differences, shape (n,), without NaN: by sizes, whatever side they favour.

    Fewer than six: none. A failed run has a rank but no size: Wilcoxon's exact signed-rank test;
    it asks that either sign be as likely under no effect, which pairs promise and values of one
    side do not: those are judged by signs. So are equal differences, which have no spread for a t
    test. Else Student's t test, with which Hall's and the sign test must agree where there is doubt
    that the differences are normal.
    """
    if len(differences) < FEWEST_SEEDS:
        return NO_TEST
    if not np.isfinite(differences).all():
        return RANKS if paired else SIGN
    if constant(differences):
        return SIGN
    normal = stats.shapiro(differences / np.ptp(differences)).pvalue  # Shapiro and Wilk (1965)
    return T_AND_SIGN if normal < DOUBT else T


def two_sided(differences: np.ndarray, test: str, bound: float = 0.0) -> float:
    """Return p of a difference of at most `bound` in either direction."""
    return min(1.0, 2 * min(TESTS[test](sign * differences, bound) for sign in (1, -1)))


def equivalent(differences: np.ndarray, test: str, margin: float) -> float:
    """Return p of a difference of at least `margin`: two one-sided tests (Schuirmann 1987)."""
    return max(TESTS[test](sign * differences, -margin) for sign in (1, -1))


def no_worse(differences: np.ndarray, test: str, margin: float) -> float:
    """Return p of a difference of -`margin` or less: one one-sided test (non-inferiority)."""
    return TESTS[test](differences, -margin)


def less(differences: np.ndarray, bound: float) -> np.ndarray:
    """Differences minus a bound; 0 where they are equal but for the rounding of the arithmetic."""
    return without_rounding(differences - bound, np.full(len(differences), abs(bound)))


def without_rounding(differences: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Differences of numbers of these sizes, 0 where they could come from rounding alone."""
    return np.where(np.abs(differences) <= ROUNDING * sizes, 0.0, differences)


@cache
def sign_test(wins: int, losses: int) -> float:
    """Return p of as many wins or more if losses are as likely (Dixon and Mood 1946)."""
    return float(stats.binom.sf(wins - 1, wins + losses, 0.5))


def _t(differences: np.ndarray, bound: float) -> float:
    t = (differences.mean() - bound) / (differences.std(ddof=1) / np.sqrt(len(differences)))
    return float(special.stdtr(len(differences) - 1, -t))


def straightened(effect: float, skewness: float) -> float:
    """An effect in deviations, its skewness taken away by a cubic that always rises (Hall 1992)."""
    return effect + skewness * effect**2 / 3 + skewness**2 * effect**3 / 27


def skewness_of(differences: np.ndarray) -> float:
    """The third moment about the mean, in deviations (a cube of tiny ones would be no number)."""
    return float((((differences - differences.mean()) / differences.std()) ** 3).mean())


def _hall(differences: np.ndarray, bound: float) -> float:
    n, skewness = len(differences), skewness_of(differences)
    effect = (differences.mean() - bound) / differences.std(ddof=1)
    t = np.sqrt(n) * (straightened(effect, skewness) + skewness / (6 * n))
    return float(special.stdtr(n - 1, -t))


def _sign(differences: np.ndarray, bound: float) -> float:
    values = less(differences, bound)
    return sign_test(int((values > 0).sum()), int((values < 0).sum()))


# What each test makes of differences, shape (n,): p of a location of at most `bound`.
TESTS: dict[str, Callable[[np.ndarray, float], float]] = {
    T: _t,
    T_AND_SIGN: lambda *of: max(_t(*of), _hall(*of), _sign(*of)),
    SIGN: _sign,
    RANKS: lambda differences, bound: signed_rank(less(differences, bound)),
}
