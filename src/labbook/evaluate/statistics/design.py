"""What a study varied, as numbers, and how the variance of its metric is shared out to it."""

from dataclasses import dataclass

import numpy as np

from labbook.evaluate.results import Results
from labbook.evaluate.settings import setting_names, setting_texts
from labbook.evaluate.statistics.variance import FEWEST_REPEATS, Estimate, of_draws, of_grid
from labbook.metrics import higher_is_better
from labbook.verdicts import FEWEST_COMBINATIONS

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


def design_of(results: Results) -> Design | None:
    """The settings that vary as numbers, and the study's metric; None where there are too few."""
    if isinstance(results.study.block.vary, list) or len(results.study.seeds) < FEWEST_REPEATS:
        return None
    metric, scale = _metric(results)
    columns = [_levels(column) for column in zip(*setting_texts(results).values(), strict=True)]
    varying = [i for i, column in enumerate(columns) if len(set(column)) > 1]
    if metric is None or len(varying) < 2:
        return None
    names = setting_names(results)
    levels = np.array([columns[i] for i in varying]).T  # (combinations, settings)
    return Design(tuple(names[i] for i in varying), levels, metric, scale)


def estimate(results: Results) -> tuple[str, Design, Estimate] | None:
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
