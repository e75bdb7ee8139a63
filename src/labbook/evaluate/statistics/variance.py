"""Variance shared out to settings: by analysis of variance of a grid, by trees of a sample.

Everywhere `levels` are numbers (combinations, settings), equal for equal values, and `metric` is
(combinations, seeds) without gaps. Shares are (settings + 2,): each setting's, what they do only
together, and chance.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.intervals import LEVEL

FEWEST_REPEATS = 2  # a single one cannot tell an effect from chance
GROUPS = 10  # of drawn combinations, or of seeds, that are left out in turn
# Of a forest; fewer where each has more to learn from, since the mean over many combinations needs
# fewer trees: 64 from 512 combinations on.
MOST_TREES, FEWEST_TREES, OF_TREES = 256, 64, 2**15
DRAWS = 1024  # for the Sobol indices; a power of two, as Sobol' sequences want
SEED = 0  # of the forest and the draws: equal runs, equal bytes


@dataclass(frozen=True)
class Estimate:
    """Shares, and what they are without each group of what chance chose, by cause of chance.

    `without` has an array (groups, settings + 2) for each cause, that of seeds first; none where
    there are too few seeds.
    """

    shares: np.ndarray
    without: tuple[np.ndarray, ...]

    @property
    def half_widths(self) -> np.ndarray:
        """Half the widths of the shares' intervals, by Student's t."""
        each = [self.combined(one) for one in np.eye(len(self.shares))]
        return np.array([_student(degrees) * error for _, error, degrees in each])

    @property
    def by_seed(self) -> np.ndarray:
        """Tukey's pseudo-values (groups of seeds, settings + 2): their mean is about the share."""
        if not self.without:
            return np.empty((0, len(self.shares)))
        groups = len(self.without[0])
        return np.asarray(groups * self.shares - (groups - 1) * self.without[0])

    def combined(self, weights: np.ndarray) -> tuple[float, float, int]:
        """The sum of the shares with these weights, its standard error, degrees of freedom.

        The variances of the causes add up; the degrees are those of the cause of fewest groups.
        """
        value = float(weights @ self.shares)
        if not self.without:
            return value, float("nan"), 0
        found = [(without @ weights)[:, None] for without in self.without]
        variance = sum(float(jackknife(one)[0]) for one in found)
        return value, float(np.sqrt(variance)), min(len(one) for one in found) - 1


def of_grid(levels: np.ndarray, metric: np.ndarray) -> Estimate:
    """`grid_shares`, of which the seeds are chance."""
    without = [grid_shares(levels, one) for one in _without_a_group(metric, metric.shape[1])]
    return Estimate(grid_shares(levels, metric), (np.array(without),) if without else ())


def of_draws(levels: np.ndarray, metric: np.ndarray) -> Estimate:
    """`forest_shares` likewise; also which combinations were drawn is chance.

    Of more than ten seeds, over ten groups of them (the delete-a-group jackknife, Kott 2001).
    """
    shares = forest_shares(levels, metric)
    without_seed = [forest_shares(levels, one) for one in _without_a_group(metric, GROUPS)]
    if not without_seed:
        return Estimate(shares, ())
    kept = [np.arange(len(levels)) % GROUPS != group for group in range(GROUPS)]
    without_group = [forest_shares(levels[rows], metric[rows]) for rows in kept]
    return Estimate(shares, (np.array(without_seed), np.array(without_group)))


def grid_shares(levels: np.ndarray, metric: np.ndarray) -> np.ndarray:
    """Shares of each setting, of all together, and of chance; shape (settings + 2,).

    `metric` is (combinations, seeds) of a complete grid. Seeds are blocks: what makes a seed's
    split easy for all combinations drops out. A share is omega squared (Hays 1963), (SS - df MSE)
    / (SS of all + MSE), which is 0 on average for a setting without an effect; MSE is what is
    left of a run once its combination's and its seed's mean are taken off.
    """
    combinations, seeds = metric.shape
    centred = metric - metric.mean(axis=0)  # (combinations, seeds), each seed around 0
    means = centred.mean(axis=1)
    residual = float(((centred - means[:, None]) ** 2).sum())
    error = residual / ((combinations - 1) * (seeds - 1))
    between = seeds * float((means**2).sum())
    squares, degrees = [], []
    for column in levels.T:
        groups = [means[column == value] for value in np.unique(column)]
        squares.append(seeds * sum(len(g) * float(g.mean()) ** 2 for g in groups))
        degrees.append(len(groups) - 1)
    squares.append(between - sum(squares))
    degrees.append(combinations - 1 - sum(degrees))
    total = between + residual + error
    if total <= 0:
        return np.array([*np.zeros(len(squares)), 1.0])
    shares = (np.array(squares) - np.array(degrees) * error) / total
    return np.append(shares, 1 - shares.sum())


def forest_shares(levels: np.ndarray, metric: np.ndarray) -> np.ndarray:
    """As `grid_shares` for settings that were drawn, `metric` (combinations, seeds).

    The forest learns the means over seeds. What it predicts of combinations that a tree has not
    seen (the out-of-bag R squared, no less than 0) is shared out by first-order Sobol indices of
    its predictions, over all settings independently; the rest is `chance`.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    means = metric.mean(axis=1)
    settings = levels.shape[1]
    nothing = np.array([*np.zeros(settings + 1), 1.0])
    if np.ptp(means) == 0:
        return nothing
    trees = max(FEWEST_TREES, min(MOST_TREES, OF_TREES // len(levels)))
    forest = ExtraTreesRegressor(
        trees, bootstrap=True, oob_score=True, max_features=None, random_state=SEED
    ).fit(levels, means)
    known = max(0.0, float(forest.oob_score_))
    if known == 0:
        return nothing
    alone = sobol_indices(forest.predict, levels)
    together = known * (1 - alone.sum())
    return np.array([*(known * alone), together, 1 - known])


def sobol_indices(predict: Callable[[np.ndarray], np.ndarray], levels: np.ndarray) -> np.ndarray:
    """First-order Sobol indices (settings,) of `predict`, at most 1 in all.

    Each setting takes the values of its column of `levels`, independently of the others. The
    variance of a function without spread is shared out to nobody.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 0 / 0 where nothing varies
        found = stats.sobol_indices(
            func=lambda x: predict(x.T)[None],  # (settings, draws) -> (1, draws)
            n=DRAWS,
            dists=[_Observed(column) for column in levels.T],
            rng=np.random.default_rng(SEED),  # SciPy spawns others from it
        )
    alone = np.clip(np.nan_to_num(found.first_order.ravel()), 0, None)
    return np.array(alone / max(1.0, float(alone.sum())))  # estimates may add up to a bit more


class _Observed:
    """The distribution of the values that were drawn of a setting."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = np.sort(values)

    def ppf(self, shares: Any) -> Any:
        """The quantiles at `shares` in [0, 1)."""
        places = np.floor(np.asarray(shares) * len(self.values)).astype(int)
        return self.values[np.clip(places, 0, len(self.values) - 1)]


def jackknife(without: np.ndarray) -> np.ndarray:
    """Variance of estimates by Tukey's (1958) jackknife.

    `without` is (groups, estimates), each row from the data without one of the groups. Not a
    bootstrap: a seed that is drawn twice would make chance look like an effect of settings.
    """
    groups = len(without)
    variance = (groups - 1) / groups * ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(variance)


def _without_a_group(metric: np.ndarray, most: int) -> list[np.ndarray]:
    """The metric without each group of seeds in turn, at most `most`; none if few remain."""
    seeds = metric.shape[1]
    if seeds <= FEWEST_REPEATS:
        return []
    groups = np.arange(seeds) % most
    return [metric[:, groups != group] for group in range(min(seeds, most))]


def _student(degrees: int) -> float:
    return float(stats.t.ppf((1 + LEVEL) / 2, degrees)) if degrees > 0 else float("nan")
