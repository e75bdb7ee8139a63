"""How much of the spread between runs each varied setting explains: a functional ANOVA.

A complete grid is decomposed exactly, by the analysis of variance of its means. Settings that were
drawn are decomposed through a forest of trees (Hutter, Hoos and Leyton-Brown 2014), extremely
randomised ones (Geurts, Ernst and Wehenkel 2006), whose greed does not crowd out small effects;
SciPy computes the Sobol indices of what it predicts. Both are corrected for chance, so that
settings without an effect get a share near 0. docs/evidence.md says how.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook.evaluate.decomposition import FEWEST_SEEDS, of_draws, of_grid
from labbook.evaluate.results import Results
from labbook.evaluate.tables import setting_names, setting_texts, write_table
from labbook.metrics import higher_is_better

COLUMNS = ("setting", "kind", "metric", "scale", "method", "share", "low", "high", "n", "values")
SETTING, TOGETHER, REST = "setting", "together", "chance"  # what a row of the table is
GRID, FOREST = "analysis of variance", "extremely randomised trees"
FEWEST_COMBINATIONS = 10  # for a forest: fewer leave its out-of-bag error to luck


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
        method, shares, errors = GRID, *of_grid(design.levels, design.metric)
    elif len(design.levels) >= FEWEST_COMBINATIONS:
        method, shares, errors = FOREST, *of_draws(design.levels, design.metric)
    else:
        return None
    low, high = (np.clip(shares + sign * errors, 0, 1) for sign in (-1, 1))
    shares = np.clip(shares, 0, 1)
    names = [*design.names, TOGETHER, REST]
    kinds = [SETTING] * len(design.names) + [TOGETHER, REST]
    values = [*design.counts, 0, 0]
    rows = zip(names, kinds, shares.tolist(), low.tolist(), high.tolist(), values, strict=True)
    return method, design, [Importance(*row) for row in rows]


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
