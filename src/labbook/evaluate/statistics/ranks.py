"""Wilcoxon's signed-rank test and what belongs to it, exact also with ties, zeros and infinities.

A difference that is infinite, of a pair with one failed run, has the largest rank, shared by all of
them. SciPy's test is exact up to 50 differences, but with ties only up to 13; failed runs are ties.
"""

from functools import lru_cache

import numpy as np

from labbook.evaluate.statistics.intervals import LEVEL, NAN, ROUNDING


def signed_rank_tails(values: np.ndarray) -> tuple[float, float]:
    """One-sided p of values, shape (n,), that lie symmetrically around 0 or less, and 0 or more.

    Wilcoxon (1945). Ties share their ranks; zeros have ranks and no sign (Pratt 1959). Infinite
    values are allowed.
    """
    ranks = _signed_ranks(values)
    chances = _tail(tuple(np.sort(np.abs(ranks[ranks != 0])).tolist()))
    return float(chances[ranks[ranks > 0].sum()]), float(chances[-ranks[ranks < 0].sum()])


def signed_rank(values: np.ndarray) -> float:
    """The first of `signed_rank_tails`: small where values lie above 0."""
    return signed_rank_tails(values)[0]


def rank_balance(values: np.ndarray) -> int:
    """1 where the positive ones among `values` have the larger ranks together, -1 the others."""
    return int(np.sign(_signed_ranks(values).sum()))


def location(values: np.ndarray, level: float = LEVEL) -> tuple[float, float, float]:
    """Where values lie, and from where to where, by the signed-rank test; NaN is beyond any number.

    The median of the means of all two values (Hodges and Lehmann 1963), and the interval of what
    the exact test does not reject (Hollander and Wolfe 1999). The mean of two infinities of
    opposite sign is unknown: it speaks as much for either direction.
    """
    first, second = np.triu_indices(len(values))
    with np.errstate(invalid="ignore"):
        means = (values[first] + values[second]) / 2
        known = np.sort(means[~np.isnan(means)])
        middle = np.median(known) if len(known) else NAN
    infinite, unknown = int(np.isinf(values).sum()), len(means) - len(known)
    outside = _outside(len(values), infinite, unknown, level)
    ends = known[[outside, -1 - outside]] if outside >= 0 else (NAN, NAN)
    found, low, high = (float(one) if np.isfinite(one) else NAN for one in (middle, *ends))
    return found, low, high


@lru_cache(64)
def critical_sums(most: int, level: float) -> np.ndarray:
    """The least sum of positive ranks with a chance of at most `level`, or infinity.

    Shape (most,): of the ranks 1 to n, for every n from 1 on.
    """
    chances, found = np.ones(1), []
    for rank in range(1, most + 1):
        chances = _with(chances, rank)
        found.append(_first(_at_least(chances), level))
    return np.array(found)


def _outside(n: int, infinite: int, unknown: int, level: float) -> int:
    """How many of the ordered means lie outside the interval at either end; negative: it is open.

    Anywhere between two means the doubled rank sum is twice the number of means above, and one
    more for each unknown mean.
    """
    ranks = [2 * rank for rank in range(1, n - infinite + 1)]
    ranks += infinite * [2 * (n - infinite) + infinite + 1]
    critical = _first(_tail(tuple(ranks)), (1 - level) / 2)
    known = n * (n + 1) // 2 - unknown
    return int(np.floor(known + (unknown - critical) / 2)) if np.isfinite(critical) else -1


def _signed_ranks(values: np.ndarray) -> np.ndarray:
    """Twice the ranks of the sizes, whole numbers, with signs; equal up to rounding are ties."""
    sizes = np.abs(values)
    largest = sizes[np.isfinite(sizes)].max(initial=0)
    if largest > 0:
        sizes = np.round(sizes / largest / ROUNDING)
    _, places, counts = np.unique(sizes, return_inverse=True, return_counts=True)
    doubled = 2 * np.cumsum(counts) - counts + 1  # SciPy's rankdata takes ten times as long
    signs = np.where(sizes > 0, np.sign(values), 0)
    return np.asarray(signs * doubled[places]).astype(int)


@lru_cache(512)
def _tail(doubled_ranks: tuple[int, ...]) -> np.ndarray:
    """Chances that the positive ones of these sum up to 0, 1, ... or more, signs being coins."""
    chances = np.ones(1)
    for rank in doubled_ranks:
        chances = _with(chances, rank)
    return _at_least(chances)


def _with(chances: np.ndarray, rank: int) -> np.ndarray:
    """Chances of each sum to those with one rank more."""
    found = np.zeros(len(chances) + rank)
    found[: len(chances)] += chances / 2
    found[rank:] += chances / 2
    return found


def _at_least(chances: np.ndarray) -> np.ndarray:
    return np.asarray(np.minimum(np.cumsum(chances[::-1])[::-1], 1))


def _first(tail: np.ndarray, level: float) -> float:
    enough = np.flatnonzero(tail <= level)
    return float(enough[0]) if len(enough) else np.inf
