"""Claims about methods: each side at its best of so many tries, chosen on validation rows.

Where a study draws its combinations, others could have been drawn. Then a verdict has to hold for
them, too: the draws' variance joins that of the seeds, and the larger p and the wider interval
count. What was written down as a list or a grid is what the claim is about; nothing was drawn.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from labbook.evaluate.claims.forms.better import compare
from labbook.evaluate.claims.outcome import Outcome
from labbook.evaluate.claims.side_figures import margin
from labbook.evaluate.claims.tuned_side import TunedSide, tuned_sides
from labbook.evaluate.statistics.best_of import (
    Spread,
    half_width,
    spread_of_draws,
    spread_of_seeds,
    together,
)
from labbook.evaluate.statistics.intervals import LEVEL
from labbook.evaluate.statistics.location_tests import NO_TEST, RANKS
from labbook.evaluate.statistics.paired import compare_differences, difference
from labbook.evaluate.statistics.power import TOTALS, first_enough
from labbook.evaluate.study_runs import StudyRuns
from labbook.measures import is_ratio
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import ALPHA

OVER_DRAWS = "t over seeds and draws"  # the name of the test


def tuned(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """The first side at its best of so many tries is better than the second at its own."""
    first, second = tuned_sides(results, claim)
    outcome = compare(first, second, claim.block.margin, claim.block.at_least, level)
    if not first.drawn:
        return outcome
    outcome = replace(outcome, by_seed=())  # the seeds alone do not give the verdict
    if outcome.test == NO_TEST:
        return outcome
    if outcome.test == RANKS:
        return _in_every_group(outcome, first, second, claim, level)
    return _over_draws(outcome, first, second, claim, level)


@dataclass(frozen=True)
class _Mean:
    """The mean difference, first minus second, and what chance makes of it."""

    value: float
    seeds: Spread
    draws: Spread
    n: int

    @property
    def spread(self) -> Spread:
        return together(self.seeds, self.draws)

    def above(self, bound: float) -> float:
        """Return p of a mean of at most `bound`, one-sided."""
        return _tail(self.value - bound, self.spread)

    def beyond(self, bound: float) -> float:
        """Return p, two-sided, of a mean that is `bound`."""
        return min(1.0, 2 * min(self.above(bound), 1 - self.above(bound)))

    def within(self, limit: float) -> float:
        """Return p of a mean outside of `limit`: two one-sided tests (Schuirmann 1987)."""
        return max(self.above(-limit), 1 - self.above(limit))


def _tail(value: float, spread: Spread) -> float:
    if not spread.variance > 0:
        return float(np.heaviside(-value, 0.5))
    return float(stats.t.sf(value / math.sqrt(spread.variance), spread.degrees))


def _over_draws(
    outcome: Outcome, first: TunedSide, second: TunedSide, claim: ClaimPlan, level: float
) -> Outcome:
    """The outcome of the seeds, no surer than seeds and draws together are."""
    mean, least = _mean(first, second), claim.block.at_least
    bound = 0.0 if least is None else margin(claim.metric, least)[0]
    limit = margin(claim.metric, claim.block.margin)[0]
    half = half_width(mean.spread, level)
    low, high = mean.value - half, mean.value + half
    # New seeds and new draws of the same source: Nadeau and Bengio's variance and the draws'.
    more = replace(mean.seeds, variance=mean.seeds.variance * (1 + mean.n * first.overlap))
    counts = mean.beyond(bound) > outcome.p
    return replace(
        _wider(outcome, low, high, claim.metric),
        p=max(outcome.p, mean.beyond(bound)),
        p_alike=_joined(outcome.p_alike, mean.within(limit)),
        p_new=_joined(outcome.p_new, replace(mean, seeds=more).beyond(0.0)),
        test=OVER_DRAWS if counts else outcome.test,
        relevant=outcome.relevant and low > limit,
        needs=lambda tests: _needs(outcome, mean, bound, limit if least is None else 0.0, tests),
    )  # fmt: skip


def _joined(p: float, other: float) -> float:
    """The larger of two p; NaN where the first says that there is no such test."""
    return p if math.isnan(p) else max(p, other)


def _mean(first: TunedSide, second: TunedSide) -> _Mean:
    """Mean difference over the seeds that say something, with both causes of chance."""
    tries = np.array([first.tuned])
    gain = np.where(first.untold | second.untold, np.nan, difference(first.values, second.values))
    told = np.isfinite(gain)
    spreads = []
    for side in (first, second):
        without = side.without(tries)
        assert without is not None
        spreads.append(spread_of_draws(without[:, 0, told].mean(axis=1)))
    return _Mean(float(gain[told].mean()), spread_of_seeds(gain), together(*spreads), told.sum())


def _wider(outcome: Outcome, low: float, high: float, metric: str) -> Outcome:
    """The outcome with an interval that holds also the one from `low` to `high`."""
    if is_ratio(metric):
        low, high = (math.inf if end > 700 else math.exp(end) for end in (low, high))
    return replace(outcome, low=min(outcome.low, low), high=max(outcome.high, high))


def _needs(outcome: Outcome, mean: _Mean, bound: float, limit: float, tests: int) -> float | None:
    """Fresh seeds that would decide, with the same draws: infinite where their chance is too much.

    By the t distribution moved by the effect, a guide.
    """
    by_seeds = outcome.needs(tests)
    if by_seeds is None:
        return None
    alpha = ALPHA / max(tests, 1)
    variance = mean.seeds.variance * mean.n / TOTALS + mean.draws.variance
    degrees = np.minimum(TOTALS - 1, mean.draws.degrees)
    errors = np.sqrt(np.maximum(variance, 1e-300))
    critical = stats.t.isf(alpha / 2, degrees)
    power = stats.t.sf(critical - abs(mean.value - bound) / errors, degrees)
    if limit > 0:
        critical = stats.t.isf(alpha, degrees)
        missed = (
            stats.t.cdf(critical - (limit - sign * mean.value) / errors, degrees)
            for sign in (1, -1)
        )
        power = np.maximum(power, 1 - sum(missed))
    return max(by_seeds, first_enough(np.asarray(power)))


def _in_every_group(
    outcome: Outcome, first: TunedSide, second: TunedSide, claim: ClaimPlan, level: float
) -> Outcome:
    """Where a side failed there are ranks and no variance: it has to hold without any group."""
    least = claim.block.at_least
    bound = 0.0 if least is None else margin(claim.metric, least)[0]
    limit = margin(claim.metric, claim.block.margin)[0]
    found = [
        compare_differences(gain - bound, 0.0 if least is not None else limit, level=level)
        for gain in _gains_without(first, second)
    ]
    if {one.favours for one in found} != {outcome.favours}:
        outcome = replace(outcome, p=1.0)
    return replace(
        outcome,
        p=max(outcome.p, *(one.p for one in found)),
        p_alike=max(outcome.p_alike, *(one.p_alike for one in found)),
        relevant=outcome.relevant and all(one.difference.low > limit for one in found),
    )  # fmt: skip


def _gains_without(first: TunedSide, second: TunedSide) -> Iterator[np.ndarray]:
    """Differences by seed, without each group of draws of either side in turn, each (seeds,)."""
    tries, untold = np.array([first.tuned]), first.untold | second.untold
    for side, other, sign in ((first, second, 1), (second, first, -1)):
        without = side.without(tries)
        assert without is not None
        for values in without[:, 0]:
            gain = sign * difference(values, other.values)
            yield np.where(untold, np.nan, gain)
