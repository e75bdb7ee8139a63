"""Two sides compared in pairs. Arrays in, numbers out; why which test: docs/evidence.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from labbook.evaluate.statistics.intervals import LEVEL, NAN, Interval, mean_interval
from labbook.evaluate.statistics.location_tests import (
    NO_TEST,
    RANKS,
    SIGN,
    TESTS,
    chosen_test,
    equivalent,
    two_sided,
    without_rounding,
)
from labbook.evaluate.statistics.ranks import location, rank_balance


@dataclass(frozen=True)
class Comparison:
    """Two sides compared in pairs.

    `difference` is first minus second: the mean, or where a run failed Hodges and Lehmann's
    estimate; NaN where that or an end of its interval is beyond any number. `failed_first` and
    `failed_second` count the pairs in which that side alone has no number. `test` is "t",
    "t and sign", "sign", "signed-rank" or "none"; `p` is two-sided, of no difference, NaN without a
    test; `favours` is 1 for the first side, -1 for the second, 0 for neither; `wins` and `losses`
    are those of the first side. `p_alike` is of a difference of at least the margin, `p_beyond` of
    one of at most the margin; NaN where there is none. `differences` are those that were tested.
    `parts` are the names of what was compared where failed runs divide a side, one for each side.
    """

    difference: Interval
    failed_first: int
    failed_second: int
    wins: int
    losses: int
    test: str
    p: float
    favours: int
    p_alike: float = NAN
    p_beyond: float = NAN
    differences: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False, compare=False)
    parts: tuple[str, ...] = ()

    @property
    def pairs(self) -> int:
        """Pairs that were compared: with numbers on both sides or on exactly one."""
        return self.difference.n

    @property
    def failed(self) -> int:
        """Pairs in which one side failed alone, which counts as worse than any number."""
        return self.failed_first + self.failed_second


def compare(first: np.ndarray, second: np.ndarray, margin: float = 0.0) -> Comparison:
    """Compare two sides, shape (pairs,), larger is better, NaN for a run that failed.

    A failed run is worse than any number. A pair that failed on both sides says nothing.
    """
    return compare_differences(difference(first, second), margin)


def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """First minus second, where NaN is worse than any number: infinite, NaN where both failed."""
    first, second = _failed_worst(first), _failed_worst(second)
    with np.errstate(invalid="ignore"):
        found = first - second
    sizes = np.where(np.isfinite(found), np.maximum(np.abs(first), np.abs(second)), 0.0)
    return without_rounding(found, sizes)


def compare_differences(
    differences: np.ndarray, margin: float = 0.0, paired: bool = True, level: float = LEVEL
) -> Comparison:
    """Test differences by pair, by `chosen_test`; infinite where one side failed, NaN says nothing.

    `paired` is False of values of one side less a bound: of those that are infinite signs decide.
    `level` is that of the interval.
    """
    differences = differences[~np.isnan(differences)]
    test, effect = chosen_test(differences, paired), _effect(differences, paired, level)
    wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
    failed_first, failed_second = (int((differences == end).sum()) for end in (-np.inf, np.inf))
    head = (effect, failed_first, failed_second, wins, losses, test)
    if test == NO_TEST:
        return Comparison(*head, NAN, 0, differences=differences)
    direction = rank_balance(differences) if test == RANKS else effect.mean
    direction = wins - losses if test == SIGN else direction
    favours = int(np.sign(direction))
    found = Comparison(*head, two_sided(differences, test), favours, differences=differences)
    if not margin > 0:
        return found
    return replace(
        found,
        p_alike=equivalent(differences, test, margin),
        p_beyond=two_sided(differences, test, margin),
    )


def least_sure(comparisons: Sequence[Comparison]) -> int:
    """The place of the comparison with the largest p; one without a test is the least sure."""
    return int(np.argmax([np.inf if np.isnan(one.p) else one.p for one in comparisons]))


def weakest(comparisons: Sequence[Comparison], shown: int | None = None) -> Comparison:
    """Of comparisons that must all show it, the one that shows it least, or that at `shown`.

    An intersection-union test (Berger 1982): the largest p counts, and 1 unless all favour the same
    side; likewise for being alike. NaN where one has too few pairs for a test.
    """
    if len(comparisons) == 1:
        return comparisons[0]
    p, alike, beyond = (
        np.array([getattr(one, name) for one in comparisons])
        for name in ("p", "p_alike", "p_beyond")
    )
    least = comparisons[least_sure(comparisons) if shown is None else shown]
    if len({one.favours for one in comparisons}) > 1:
        p, beyond, least = np.maximum(p, 1), np.maximum(beyond, 1), replace(least, favours=0)
    return replace(
        least, p=float(p.max()), p_alike=float(alike.max()), p_beyond=float(beyond.max())
    )


def one_sided(values: np.ndarray) -> float:
    """Return p of values of one side, infinite where it failed, that are 0 or less in the mean."""
    test = chosen_test(values, paired=False)
    return NAN if test == NO_TEST else TESTS[test](values, 0.0)


def _effect(differences: np.ndarray, paired: bool, level: float) -> Interval:
    finite = differences[np.isfinite(differences)]
    found, n = mean_interval(finite, level), len(differences)
    if len(finite) == n:
        return found
    ends = location(differences, level) if paired else (NAN, NAN, NAN)
    return Interval(n, *ends, found.deviation)


def _failed_worst(values: np.ndarray) -> np.ndarray:
    """NaN becomes minus infinity; a difference that is known to be infinite stays."""
    return np.where(np.isnan(values), -np.inf, values)
