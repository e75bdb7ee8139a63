"""One side of a claim about methods: combinations that were tried, of which validation chooses."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from labbook.evaluate.claims.side_figures import interval_text
from labbook.evaluate.claims.sides import Side
from labbook.evaluate.statistics.best_of import expected_best, mean_over_draws, without_draws
from labbook.evaluate.statistics.intervals import Interval, on_metric, oriented
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.claims import Selector
from labbook.params.sampling import Sample
from labbook.params.settings import show_value
from labbook.plan.studies import ClaimPlan


@dataclass(frozen=True)
class TunedSide(Side):
    """A side whose value is that of the best of `tuned` tries, chosen on validation rows.

    The metric is one of test rows; `choice` is the same of validation rows.
    """

    tuned: int = 1

    @property
    def choice(self) -> str:
        """What chooses: the metric, of validation rows."""
        return self.metric.replace("test_", "valid_", 1)

    @property
    def drawn(self) -> bool:
        """Whether chance drew the combinations."""
        return isinstance(self.results.study.block.vary, Sample)

    @cached_property
    def _tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Validation and test values (combinations, seeds), larger is better."""
        valid, test = (
            np.array([self.results.values(label, metric) for label in self.labels])
            for metric in (self.choice, self.metric)
        )
        return oriented(valid, self.choice), oriented(test, self.metric)

    @cached_property
    def values(self) -> np.ndarray:
        """Expected test value of the best of `tuned` tries by seed, (seeds,); NaN where it failed.

        Larger is better, on the scale of comparison.
        """
        return np.asarray(self.curve(np.array([self.tuned]))[0])

    def curve(self, tries: np.ndarray) -> np.ndarray:
        """The same for other numbers of tries, (tries, seeds)."""
        return expected_best(*self._tables, tries)

    def without(self, tries: np.ndarray) -> np.ndarray | None:
        """`curve` without each group of draws, (groups, tries, seeds); None if none were drawn."""
        return without_draws(*self._tables, tries) if self.drawn else None

    @property
    def untold(self) -> np.ndarray:
        """Seeds in which a run did not fail and yet has no number to choose or judge by."""
        names = (self.choice, self.metric)
        untold = [self.results.untold(label, name) for label in self.labels for name in names]
        return np.asarray(np.any(untold, axis=0))

    @property
    def missed_goal(self) -> bool:
        """Never: a metric of test rows has no goal."""
        return False

    def parts(self, goal: bool = False) -> list[Side]:
        """The side as a whole: a failed run is never chosen while there is another."""
        return [self]

    def intervals(self, tries: np.ndarray) -> list[Interval]:
        """Mean test value of the best of `tries` with its interval over seeds, and over draws."""
        curve, without = np.where(self.untold, np.nan, self.curve(tries)), self.without(tries)
        draws = [None] * len(tries) if without is None else list(without.swapaxes(0, 1))
        return [
            on_metric(mean_over_draws(*one), self.metric) for one in zip(curve, draws, strict=True)
        ]

    def text(self, goal: bool = False) -> str:
        """The side's figure: mean and interval, over how many seeds where it failed in others."""
        (interval,) = self.intervals(np.array([self.tuned]))
        return interval_text(interval) + self._left_out(interval.n)


def tuned_sides(results: StudyRuns, claim: ClaimPlan) -> tuple[TunedSide, TunedSide]:
    """The two sides of a claim about methods."""
    tries = claim.block.tuned
    assert tries is not None
    first, second = (
        TunedSide(results, claim.metric, tuple(labels), tries) for labels in claim.sides
    )
    return first, second


def side_name(selector: Selector) -> str:
    """A method's name from what picks its combinations: `adam`, `hidden 64, adam`, `others`."""
    if isinstance(selector, str):
        return selector
    if isinstance(selector, list):
        return " or ".join(map(side_name, selector))
    return ", ".join(map(_setting_name, selector, selector.values()))


def _setting_name(path: str, value: Any) -> str:
    """A kind speaks for itself; of other settings the last part of the path is said, too."""
    last = path.rpartition(".")[2]
    speaks = last == "kind" or isinstance(value, Mapping)
    return show_value(value) if speaks else f"{last} {show_value(value)}"
