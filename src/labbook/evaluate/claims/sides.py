"""One side of a claim: combinations taken together, what their runs gave by seed, how it reads."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from labbook.evaluate.claims.side_figures import interval_text, median_text
from labbook.evaluate.statistics.censored import Censored, median_interval
from labbook.evaluate.statistics.intervals import (
    metric_interval,
    oriented,
    restored,
)
from labbook.evaluate.study_runs import StudyRuns
from labbook.measures import split_name
from labbook.params.training import Training
from labbook.plan.studies import ClaimPlan
from labbook.training.runfile import CONVERGED, DIVERGED, RunRecord
from labbook.wording import count, digits, number


@dataclass(frozen=True)
class Side:
    """Combinations of a study by their labels, and the metric by which they are looked at."""

    results: StudyRuns
    metric: str
    labels: tuple[str, ...]

    @property
    def name(self) -> str:
        """The label of a single combination; how many they are of several."""
        return self.labels[0] if len(self.labels) == 1 else count(len(self.labels), "combination")

    @cached_property
    def values(self) -> np.ndarray:
        """Mean over the combinations by seed, on the scale of comparison, shape (seeds,).

        Larger is better; NaN where a run of them failed.
        """
        values = np.array([self.results.values(label, self.metric) for label in self.labels])
        return np.asarray(oriented(values, self.metric).mean(axis=0))

    @property
    def untold(self) -> np.ndarray:
        """Seeds in which a run did not fail and yet has no such number, shape (seeds,)."""
        untold = [self.results.untold(label, self.metric) for label in self.labels]
        return np.asarray(np.any(untold, axis=0))

    @property
    def _records(self) -> list[list[RunRecord]]:
        """The runs by combination and seed."""
        records, seeds = self.results.records, self.results.study.seeds
        return [[records[label, seed] for seed in seeds] for label in self.labels]

    @property
    def _trainings(self) -> list[Training]:
        return [self.results.combinations[label].recipe.training for label in self.labels]

    @cached_property
    def endings(self) -> np.ndarray:
        """How the runs ended, shape (combinations, seeds)."""
        return np.array([[run.ended for run in runs] for runs in self._records])

    @cached_property
    def times(self) -> Censored:
        """Epochs to the tolerance by seed; of several combinations their geometric mean.

        A seed has not reached it where one of its runs has not. A run that diverged never does, so
        it counts with its whole budget.
        """
        budgets = np.array([[training.epochs] for training in self._trainings])
        needed = np.array([[run.epochs for run in runs] for runs in self._records])
        reached = self.endings == CONVERGED
        means = np.exp(np.mean(np.log(np.where(reached, needed, budgets)), axis=0))
        return Censored(means, np.all(reached, axis=0))

    @property
    def budget(self) -> float:
        """Geometric mean of the combinations' budgets of epochs."""
        return float(np.exp(np.mean(np.log([training.epochs for training in self._trainings]))))

    @property
    def missed_goal(self) -> bool:
        """Whether the metric is epochs to a tolerance that some run did not reach."""
        if self.metric != "epochs" or (self.endings == CONVERGED).all():
            return False
        return any(training.tolerance is not None for training in self._trainings)

    @property
    def rows(self) -> int:
        """Rows of all seeds together that the metric is measured on; 0 where it is of no part."""
        part, _ = split_name(self.metric)
        seeds = self.results.study.seeds
        return len(seeds) * len(getattr(self.results.prepared.split(seeds[0]), part)) if part else 0

    @property
    def overlap(self) -> float:
        """Evaluated rows per training row: what Nadeau and Bengio (2003) add to 1 / n; or NaN.

        The splits of the seeds share rows, so their results vary less than those on new data would.
        """
        part, _ = split_name(self.metric)
        if part in ("", "train"):
            return float("nan")
        split = self.results.prepared.split(self.results.study.seeds[0])
        return len(getattr(split, part)) / len(split.train)

    def parts(self, goal: bool = False) -> list["Side"]:
        """The side in as many parts as its failed runs ask for.

        Those that never failed are one part, and each of the others is a part of its own, so that
        no seed loses its mean by one of them. One part where they failed in the same seeds or not
        at all. With a `goal` those have failed that did not reach it.
        """
        if goal:
            failed = self.endings != CONVERGED  # (combinations, seeds)
        else:
            failed = np.isnan([self.results.values(label, self.metric) for label in self.labels])
            if (failed == failed[0]).all():
                return [self]
        whole = ~failed.any(axis=1)
        together = tuple(label for label, one in zip(self.labels, whole, strict=True) if one)
        alone = [(label,) for label, one in zip(self.labels, whole, strict=True) if not one]
        labels = [together, *alone] if together else alone
        return [Side(self.results, self.metric, one) for one in labels]

    def text(self, goal: bool = False) -> str:
        """The side's figure: mean and interval; of epochs to a `goal` that runs missed the median.

        A mean says so where it leaves out seeds in which a run failed.
        """
        if goal:
            return median_text(self.times)
        interval = metric_interval(restored(self.values, self.metric), self.metric)
        return interval_text(interval) + self._left_out(interval.n)

    def figure(self, goal: bool) -> tuple[float, int, str]:
        """Mean or median, larger is better; in how many seeds a run failed; the same as a text."""
        if goal:  # failed runs are part of the median
            median = median_interval(self.times).mean
            if not np.isfinite(median):
                return -np.inf, 0, "open"
            return -median, 0, number(round(median))
        finite = np.isfinite(self.values)
        mean = float(np.mean(self.values[finite])) if finite.any() else -np.inf
        interval = metric_interval(restored(self.values, self.metric), self.metric)
        text = digits(interval.mean, interval.low, interval.high).mean
        return mean, int(np.isnan(self.values).sum()), text + self._left_out(interval.n)

    def _left_out(self, n: int) -> str:
        """Says that a mean over `n` seeds leaves others out: a run failed, or has no value."""
        seeds = len(self.results.study.seeds)
        if n in (0, seeds):
            return ""
        ended = int((self.endings != DIVERGED).all(axis=0).sum())
        return (
            f" over the {n} of {seeds} that ended" if n == ended else f" over {n} of {seeds} seeds"
        )


def sides_of(results: StudyRuns, claim: ClaimPlan) -> list[Side]:
    """The sides of a claim, in the order of its form."""
    return [Side(results, claim.metric, tuple(labels)) for labels in claim.sides]


def has_goal(*sides: Side) -> bool:
    """Whether they are compared by epochs to a tolerance that some run did not reach."""
    return any(side.missed_goal for side in sides)


def against(*sides: Side, goal: bool = False) -> str:
    """The sides' figures."""
    return " against ".join(side.text(goal) for side in sides)


def same_numbers(first: Side, second: Side) -> bool:
    """Whether two combinations agree in their metric and in all metrics of their kept weights.

    One metric alone could agree by chance, an accuracy of 1 for example. What failed on both sides
    in every seed gives no numbers.
    """
    if len(first.labels) != 1 or len(second.labels) != 1:
        return False
    labels, results = (*first.labels, *second.labels), first.results
    records = [results.records[label, results.study.seeds[0]] for label in labels]
    names = sorted({first.metric, *(name for record in records for name in record.metrics)})
    one, two = ([results.values(label, name) for name in names] for label in labels)
    return bool(np.isfinite(one).any() and np.array_equal(one, two, equal_nan=True))
