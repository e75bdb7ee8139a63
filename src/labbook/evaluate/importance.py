"""How much of the spread between runs each varied setting explains: a functional ANOVA.

A complete grid is decomposed exactly, by the analysis of variance of its means. Settings that were
drawn are decomposed through a forest of trees (Hutter, Hoos and Leyton-Brown 2014), extremely
randomised ones (Geurts, Ernst and Wehenkel 2006), whose greed does not crowd out small effects;
SciPy computes the Sobol indices of what it predicts. Both are corrected for chance, so that
settings without an effect get a share near 0. docs/evidence.md says how.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from labbook.evaluate.statistics.variance import FEWEST_REPEATS, Estimate, of_draws, of_grid
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.measures import higher_is_better
from labbook.verdicts import FEWEST_COMBINATIONS

COLUMNS = ("setting", "kind", "metric", "scale", "method", "share", "low", "high", "n", "values")
SETTING, TOGETHER, REST = "setting", "together", "chance"  # what a row of the table is
GRID, FOREST = "analysis of variance", "extremely randomised trees"


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


def design_of(results: StudyRuns) -> Design | None:
    """The settings that vary as numbers, and the study's metric; None where there are too few."""
    if isinstance(results.study.block.vary, list) or len(results.study.seeds) < FEWEST_REPEATS:
        return None
    metric, scale = _metric(results)
    settings = results.settings.loc[:, results.settings.nunique() > 1]
    if metric is None or settings.shape[1] < 2:
        return None
    return Design(tuple(settings), settings.apply(_levels).to_numpy(), metric, scale)


@lru_cache(maxsize=1)  # the table and a claim ask for it, and a forest takes seconds
def estimate(results: StudyRuns) -> tuple[str, Design, Estimate] | None:
    """Method, design, and the shares with their chance, as the design gives them.

    None where fewer than two settings vary, the settings are a list of single ones, there is a
    single seed or no result, or drawn combinations are too few.
    """
    design = design_of(results)
    if design is None:
        return None
    if design.complete:
        return GRID, design, of_grid(design.levels, design.metric)
    if len(design.levels) < FEWEST_COMBINATIONS:
        return None
    return FOREST, design, of_draws(design.levels, design.metric)


def _metric(results: StudyRuns) -> tuple[np.ndarray | None, str]:
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


def _levels(texts: pd.Series) -> pd.Series:
    """Numbers in place of a setting's values: ranks of numbers, else in order of appearance."""
    try:
        order = sorted(set(texts), key=lambda text: float(text or "-inf"))
    except ValueError:
        order = list(texts.unique())
    return texts.map(order.index)


def importance_table(results: StudyRuns) -> pd.DataFrame:
    """A row per setting that varies, then `together`, then `chance`; shares are from 0 to 1.

    Empty where there is no `estimate`.
    """
    estimated = estimate(results)
    if estimated is None:
        return pd.DataFrame(columns=list(COLUMNS))
    method, design, shares = estimated
    settings = len(design.names)
    errors = shares.half_widths
    table = {
        "setting": [*design.names, TOGETHER, REST],
        "kind": [SETTING] * settings + [TOGETHER, REST],
        "metric": results.study.metric,
        "scale": design.scale,
        "method": method,
        "share": np.clip(shares.shares, 0, 1),
        "low": np.clip(shares.shares - errors, 0, 1),
        "high": np.clip(shares.shares + errors, 0, 1),
        "n": design.metric.shape[1],
        "values": pd.Series([*design.counts, None, None], dtype=object),
    }
    return pd.DataFrame(table)


def write_importance(results: StudyRuns, path: Path) -> None:
    """Write `importance_table`; only a header where there is nothing to say."""
    write_table(path, importance_table(results))
