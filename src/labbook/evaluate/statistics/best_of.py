"""What tuning by so many tries gives: the mean over all choices of them. Arrays in, numbers out.

Everywhere `valid` and `test` are (combinations, seeds) on the scale of comparison, larger is
better, NaN where a run failed. Seeds are looked at one by one, combinations together.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.intervals import LEVEL, Interval, mean_interval
from labbook.evaluate.statistics.variance import GROUPS, jackknife


def choice_weights(combinations: int, tried: int) -> np.ndarray:
    """How often the one at each rank is the best of `tried`, shape (combinations,), best first.

    Of all subsets of so many, without replacement: C(m - i, k - 1) / C(m, k) at rank i from 1 on,
    here each by the one before it, as binomial coefficients of large numbers overflow.
    """
    weights = np.zeros(combinations)
    weights[0] = tried / combinations
    for rank in range(1, combinations - tried + 1):
        weights[rank] = (
            weights[rank - 1] * (combinations - rank - tried + 1) / (combinations - rank)
        )
    return weights


def expected_best(valid: np.ndarray, test: np.ndarray, tries: np.ndarray) -> np.ndarray:
    """Mean test value of the best of `tries` by validation, (tries, seeds), exactly.

    Of combinations that are equal in validation each is chosen as often. A failed run is chosen
    last; NaN where it is the best of some subset, since all others there failed, too.
    """
    failed = np.isnan(valid) | np.isnan(test)
    ranked = np.where(failed, -np.inf, valid)
    order = np.argsort(-ranked, axis=0, kind="stable")
    test, failed, ranked = (
        np.take_along_axis(one, order, 0) for one in (np.where(failed, 0, test), failed, ranked)
    )
    weights = np.array([choice_weights(len(valid), int(k)) for k in tries])
    means = weights @ _shared(ranked, test)
    return np.asarray(np.where((weights > 0).astype(float) @ failed > 0, np.nan, means))


def _shared(ranked: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Test values in ranked order, those of equals replaced by their mean."""
    first = np.ones(ranked.shape, bool)  # of a group of equals
    first[1:] = ranked[1:] != ranked[:-1]
    if first.all():
        return test
    groups = np.cumsum(first.T.ravel()) - 1  # seed by seed
    means = np.bincount(groups, test.T.ravel()) / np.bincount(groups)
    return np.asarray(means[groups].reshape(test.T.shape).T)


def without_draws(valid: np.ndarray, test: np.ndarray, tries: np.ndarray) -> np.ndarray:
    """`expected_best` without each group of drawn combinations in turn, (groups, tries, seeds).

    Ten groups, fewer of fewer combinations. `tries` must be no more than remain.
    """
    groups = np.arange(len(valid)) % GROUPS
    kept = [groups != group for group in range(min(GROUPS, len(valid)))]
    return np.array([expected_best(valid[rows], test[rows], tries) for rows in kept])


@dataclass(frozen=True)
class Spread:
    """The variance of a mean that one cause of chance makes, and its degrees of freedom."""

    variance: float
    degrees: float


def spread_of_seeds(values: np.ndarray) -> Spread:
    """Of the mean of the finite ones among `values`, shape (seeds,)."""
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        return Spread(np.nan, np.nan)
    return Spread(float(finite.var(ddof=1)) / len(finite), len(finite) - 1.0)


def spread_of_draws(without: np.ndarray) -> Spread:
    """Of means without each group of draws, shape (groups,): the delete-a-group jackknife.

    Where one group makes nearly all of it the variance is little known: the effective degrees are
    those of Johnson and Rust (1992), (3.16 - 2.77 / sqrt(G)) (sum d^2)^2 / sum d^4, from 1 on.
    """
    groups = len(without)
    squares = (without - without.mean()) ** 2
    fourth = float((squares**2).sum())
    if not fourth > 0:
        return Spread(0.0, groups - 1.0)
    effective = (3.16 - 2.77 / np.sqrt(groups)) * float(squares.sum()) ** 2 / fourth
    degrees = min(max(effective, 1.0), groups - 1.0)
    return Spread(float(jackknife(without[:, None])[0]), degrees)


def together(*causes: Spread) -> Spread:
    """The variance that independent causes make together; the degrees are the fewest of theirs."""
    return Spread(sum(one.variance for one in causes), min(one.degrees for one in causes))


def half_width(spread: Spread, level: float = LEVEL) -> float:
    """Half the width of an interval, by Student's t."""
    return float(stats.t.ppf((1 + level) / 2, spread.degrees) * np.sqrt(spread.variance))


def mean_over_draws(values: np.ndarray, without: np.ndarray | None) -> Interval:
    """Mean of `values` (seeds,) with an interval over seeds and draws; the wider one counts.

    `without` has them without each group of draws, (groups, seeds); None where nothing was drawn.
    """
    found = mean_interval(values)
    if without is None or found.n < 2:
        return found
    finite = np.isfinite(values)
    means = without[:, finite].mean(axis=1)
    half = half_width(together(spread_of_seeds(values), spread_of_draws(means)))
    low, high = min(found.low, found.mean - half), max(found.high, found.mean + half)
    return Interval(found.n, found.mean, low, high, found.deviation)
