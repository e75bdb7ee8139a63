"""How much of the spread between runs each varied setting explains: a functional ANOVA.

A complete grid is decomposed exactly, by the analysis of variance of its means. Settings that were
drawn are decomposed through a forest of trees (Hutter, Hoos and Leyton-Brown 2014), extremely
randomised ones (Geurts, Ernst and Wehenkel 2006), whose greed does not crowd out small effects;
SciPy computes the Sobol indices of what it predicts. Both are corrected for chance, so that
settings without an effect get a share near 0. docs/evidence.md says how.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from labbook.evaluate.results import Results
from labbook.evaluate.statistics import LEVEL
from labbook.evaluate.tables import setting_names, setting_texts, write_table
from labbook.metrics import higher_is_better

COLUMNS = ("setting", "kind", "metric", "scale", "method", "share", "low", "high", "n", "values")
SETTING, TOGETHER, REST = "setting", "together", "chance"  # what a row of the table is
GRID, FOREST = "analysis of variance", "extremely randomised trees"
FEWEST_SEEDS = 2  # a single one cannot tell an effect from chance
FEWEST_COMBINATIONS = 10  # for a forest: fewer leave its out-of-bag error to luck
GROUPS = 10  # of drawn combinations that are left out in turn
TREES = 256
DRAWS = 1024  # for the Sobol indices; a power of two, as Sobol' sequences want
SEED = 0  # of the forest and the draws: equal runs, equal bytes


@dataclass(frozen=True)
class Importance:
    """The share of the variance that one setting, or all acting together, or chance explains."""

    setting: str
    kind: str
    share: float
    low: float
    high: float
    values: int = 0


@dataclass(frozen=True)
class Design:
    """What a study varied: `levels` are numbers (combinations, settings), equal for equal values.

    `metric` is (combinations, seeds), without gaps, on a logarithmic scale where `scale` says so.
    """

    names: tuple[str, ...]
    levels: np.ndarray
    metric: np.ndarray
    scale: str

    @property
    def counts(self) -> list[int]:
        """How many values each setting has."""
        return [len(np.unique(column)) for column in self.levels.T]

    @property
    def complete(self) -> bool:
        """Whether every combination of the values is there, once."""
        return len(np.unique(self.levels, axis=0)) == len(self.levels) == np.prod(self.counts)


def importance(results: Results) -> tuple[str, Design, list[Importance]] | None:
    """Method, design and the shares by setting, then `together`, then `chance`.

    None where fewer than two settings vary, the settings are a list of single ones, there is a
    single seed, or drawn combinations are too few.
    """
    design = design_of(results)
    if design is None:
        return None
    if design.complete:
        method, shares, errors = GRID, *_of_grid(design)
    elif len(design.levels) >= FEWEST_COMBINATIONS:
        method, shares, errors = FOREST, *_of_draws(design)
    else:
        return None
    low, high = (np.clip(shares + sign * errors, 0, 1) for sign in (-1, 1))
    shares = np.clip(shares, 0, 1)
    names = [*design.names, TOGETHER, REST]
    kinds = [SETTING] * len(design.names) + [TOGETHER, REST]
    values = [*design.counts, 0, 0]
    rows = zip(names, kinds, shares.tolist(), low.tolist(), high.tolist(), values, strict=True)
    return method, design, [Importance(*row) for row in rows]


def _of_grid(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Shares and half the widths of their intervals, over seeds."""
    levels, metric = design.levels, design.metric
    without = [grid_shares(levels, one) for one in _without_a_seed(metric)]
    return grid_shares(levels, metric), _half_width(without)


def _of_draws(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """As `_of_grid`, over seeds and over which combinations were drawn: two causes of chance."""
    levels, metric = design.levels, design.metric
    without_seed = [forest_shares(levels, one) for one in _without_a_seed(metric)]
    kept = [np.arange(len(levels)) % GROUPS != group for group in range(GROUPS)]
    without_group = [forest_shares(levels[rows], metric[rows]) for rows in kept]
    return forest_shares(levels, metric), _half_width(without_seed, without_group)


def _without_a_seed(metric: np.ndarray) -> list[np.ndarray]:
    """The metric with each of the seeds left out in turn; none where too few would be left."""
    seeds = metric.shape[1]
    return [np.delete(metric, s, axis=1) for s in range(seeds)] if seeds > FEWEST_SEEDS else []


def _half_width(*causes: list[np.ndarray]) -> np.ndarray:
    """Student's, of the sum of the causes' variances, with the degrees of freedom of the fewest."""
    if not all(causes):
        return np.array(np.nan)
    variance = sum(jackknife(np.array(without)) for without in causes)
    fewest = min(len(without) for without in causes)
    return np.asarray(stats.t.ppf((1 + LEVEL) / 2, fewest - 1) * np.sqrt(variance))


def design_of(results: Results) -> Design | None:
    """The settings that vary as numbers, and the study's metric; None where there are too few."""
    if isinstance(results.study.block.vary, list) or len(results.study.seeds) < FEWEST_SEEDS:
        return None
    metric, scale = _metric(results)
    texts = [setting_texts(results, label) for label in results.labels]
    columns = [_levels(column) for column in zip(*texts, strict=True)]
    varying = [i for i, column in enumerate(columns) if len(set(column)) > 1]
    if metric is None or len(varying) < 2:
        return None
    names = setting_names(results)
    levels = np.array([columns[i] for i in varying]).T  # (combinations, settings)
    return Design(tuple(names[i] for i in varying), levels, metric, scale)


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
    forest = ExtraTreesRegressor(
        TREES, bootstrap=True, oob_score=True, max_features=None, random_state=SEED
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


def write_importance(results: Results, path: Path) -> None:
    """Write one row per setting that varies; only a header where there is nothing to say."""
    found = importance(results)
    rows: list[list[Any]] = []
    if found is not None:
        method, design, shares = found
        for one in shares:
            row: list[Any] = [one.setting, one.kind, results.study.metric, design.scale, method]
            row += [one.share, one.low, one.high, design.metric.shape[1], one.values or None]
            rows.append(row)
    write_table(path, COLUMNS, rows)


def _metric(results: Results) -> tuple[np.ndarray | None, str]:
    """The study's metric (combinations, seeds) and its scale, `log` for errors.

    A run that failed counts as the worst that did not: it must be seen, and has no size.
    """
    name = results.study.metric
    values = np.array([results.values(label, name) for label in results.labels])
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None, ""
    worst = finite.min() if higher_is_better(name) else finite.max()
    filled = np.where(np.isfinite(values), values, worst)
    if higher_is_better(name) or finite.min() <= 0:
        return filled, "as it is"
    return np.log(filled), "log"


def _levels(column: tuple[str, ...]) -> list[int]:
    """Numbers in place of a setting's values: ranks of numbers, else in order of appearance."""
    try:
        order = sorted(set(column), key=lambda text: float(text or "-inf"))
    except ValueError:
        order = list(dict.fromkeys(column))
    return [order.index(text) for text in column]
