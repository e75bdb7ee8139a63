"""What controls are judged by: whether predictions know a shuffled target, how alike twins are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.intervals import LEVEL, NAN, Interval, constant

USUAL = float(stats.norm.ppf((1 + LEVEL) / 2))  # of 20 differences 19 are within so many deviations

DRAWS = 1999  # of targets dealt out anew
UNSURE = 0.1  # a p below which the normal distribution is not relied on
NUMBERS_AT_ONCE = 2**20  # in memory, while targets are dealt out
NEAR = 1e-9  # deviations that are equal but for the rounding of sums


@dataclass(frozen=True)
class Correlated:
    """Of test rows (rows,) numbers `target` and `predicted`: how they go together."""

    target: np.ndarray
    predicted: np.ndarray

    @property
    def varies(self) -> bool:
        """Whether dealing out the targets anew changes anything."""
        return len(self.target) > 1 and not (constant(self.target) or constant(self.predicted))

    @property
    def known(self) -> float:
        """How surely predictions go with targets: deviations above what chance gives.

        Dealt out anew among the rows, the squared errors of a target follow its product with the
        predictions alone, whose correlation has then the mean 0 and the variance 1 / (rows - 1)
        (Pitman 1937). 0 where one of them does not vary.
        """
        if not self.varies:
            return 0.0
        return float(np.sum(_standard(self.target) * self._weights))

    @property
    def _weights(self) -> np.ndarray:
        """What a standardised target counts by its row, (rows,)."""
        rows = len(self.predicted)
        return np.asarray(_standard(self.predicted) * np.sqrt(rows - 1) / rows)

    def by_chance(self, draw: np.random.Generator) -> np.ndarray:
        """`known` of DRAWS targets that are dealt out anew, (DRAWS,)."""
        if not self.varies:
            return np.zeros(DRAWS)
        target, weights, rows = _standard(self.target), self._weights, len(self.target)
        at_once = max(1, NUMBERS_AT_ONCE // rows)
        parts = [min(at_once, DRAWS - first) for first in range(0, DRAWS, at_once)]
        dealt = (draw.permuted(np.tile(target, (part, 1)), axis=1) for part in parts)
        known = [np.sum(targets * weights, axis=1) for targets in dealt]
        return np.asarray(np.concatenate(known))


def _standard(values: np.ndarray) -> np.ndarray:
    """Values (rows,) that vary, with the mean 0 and the variance 1."""
    return np.asarray((values - values.mean()) / values.std())


@dataclass(frozen=True)
class Right:
    """Of test rows (rows,) with class numbers `target` and `predicted`: how many are right."""

    target: np.ndarray
    predicted: np.ndarray
    classes: int

    @cached_property
    def _counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows by predicted and by true class, each (classes,)."""
        both = (self.predicted, self.target)
        predicted, target = (np.bincount(one, minlength=self.classes) for one in both)
        return predicted, target

    @cached_property
    def _moments(self) -> tuple[float, float]:
        """Mean and deviation of the rows that are right, the targets dealt out anew.

        Hoeffding's (1951), of a sum of one entry for each row and its target: 1 where prediction
        and target are the same class.
        """
        rows = len(self.target)
        predicted, target = (counts / rows for counts in self._counts)
        expected = predicted @ target
        # (predicted, target): an entry less the means of its row and its column
        entries = np.eye(self.classes) - target[:, None] - predicted + expected
        variance = np.sum(predicted[:, None] * target * entries**2) * rows**2 / (rows - 1)
        return float(rows * expected), float(np.sqrt(variance))

    @property
    def varies(self) -> bool:
        """Whether dealing out the targets anew changes anything."""
        return len(self.target) > 1 and not (constant(self.target) or constant(self.predicted))

    @property
    def known(self) -> float:
        """As that of `Correlated`: of rows that are right."""
        right = np.count_nonzero(self.target == self.predicted)
        return float(right - self._moments[0]) / self._moments[1] if self.varies else 0.0

    def by_chance(self, draw: np.random.Generator) -> np.ndarray:
        """`known` of DRAWS targets that are dealt out anew, (DRAWS,)."""
        if not self.varies:
            return np.zeros(DRAWS)
        tables = stats.random_table(*self._counts).rvs(size=DRAWS, random_state=draw)
        right = np.trace(tables, axis1=1, axis2=2)
        return np.asarray((right - self._moments[0]) / self._moments[1])


def together(deviations: Sequence[float]) -> float:
    """Return p, one-sided, of independent standard deviations (Stouffer et al. 1949)."""
    return float(stats.norm.sf(np.sum(deviations) / np.sqrt(len(deviations))))


def together_by_chance(seeds: Sequence[Correlated | Right], draw: np.random.Generator) -> float:
    """Return p, one-sided, that the predictions of all seeds go so well with targets by chance.

    Of rare classes few rows can be right, and of numbers a few may be far larger than the rest:
    no normal distribution is like that. So where it gives a small p, targets are dealt out anew.
    """
    own = [one.known for one in seeds]
    p = together(own)
    if p >= UNSURE:
        return p
    chance = np.sum([one.by_chance(draw) for one in seeds], axis=0)  # (DRAWS,)
    as_good = np.count_nonzero(chance >= sum(own) - NEAR)
    return float(1 + as_good) / (1 + DRAWS)


def usual_difference(differences: np.ndarray) -> Interval:
    """Below which size 19 of 20 differences (n,) between two trainings of one setting are.

    Their mean is known to be 0: the repeatability coefficient of Bland and Altman (1986), with the
    interval of a normal distribution's variance. NaN of fewer than two.
    """
    n = len(differences)
    if n < 2:
        return Interval(n, NAN, NAN, NAN, NAN)
    squares = float(np.sum(differences**2))
    tail = (1 - LEVEL) / 2
    low, high = (float(np.sqrt(squares / stats.chi2.ppf(end, n))) for end in (1 - tail, tail))
    size = float(np.sqrt(squares / n))
    return Interval(n, USUAL * size, USUAL * low, USUAL * high, size)
