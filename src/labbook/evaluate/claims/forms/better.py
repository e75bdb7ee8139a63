"""Claims about two sides: one is better, by more than another two differ, or they are alike."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import stats

from labbook.evaluate.claims.better_members import better_members
from labbook.evaluate.claims.by_seed import by_seed
from labbook.evaluate.claims.forms.times import compare_times
from labbook.evaluate.claims.outcome import CLAIMED_BETTER, DIFFERENCE, RATIO, Outcome
from labbook.evaluate.claims.side_figures import margin, middle
from labbook.evaluate.claims.sides import Side, against, has_goal, sides_of
from labbook.evaluate.statistics.intervals import LEVEL, NAN
from labbook.evaluate.statistics.location_tests import NO_TEST, less, without_rounding
from labbook.evaluate.statistics.paired import (
    Comparison,
    compare_differences,
    difference,
    least_sure,
    weakest,
)
from labbook.evaluate.statistics.power import fresh_seeds
from labbook.evaluate.study_runs import StudyRuns
from labbook.measures import is_ratio, metric_of
from labbook.plan.studies import ClaimPlan


def better(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """The first side is better than the second, by at least so much if the claim says so."""
    first, second = sides_of(results, claim)
    outcome = compare(first, second, claim.block.margin, claim.block.at_least, level)
    return replace(outcome, exceptions=better_members(first, second, f"the {CLAIMED_BETTER}"))


def more_than(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """The first side beats the second by more than the third beats the fourth.

    Gains that are infinite in the same direction say nothing of which is larger. Epochs that a run
    would have needed beyond its budget are not known, and nor is a gain of them: then no test.
    """
    sides = sides_of(results, claim)
    outcome = _outcome(_pairings(sides), sides[0], claim.block.margin, level=level)
    goal = has_goal(*sides)
    ours = "; ".join(against(*two, goal=goal) for two in (sides[:2], sides[2:]))
    if not goal:
        return replace(outcome, ours=ours)
    called = middle(claim.metric, goal)
    return Outcome(RATIO, n=outcome.n, ours=ours, margin=outcome.margin, middle=called)


def alike(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """The two sides differ by less than the margin; a difference beyond it speaks against."""
    first, second = sides_of(results, claim)
    outcome = compare(first, second, claim.block.margin, level=level)
    compared = outcome.compared
    assert compared is not None
    outcome = replace(outcome, p=compared.p_beyond, favours=-1, p_new=NAN)
    if has_goal(first, second):
        return outcome
    limit, _ = margin(claim.metric, claim.block.margin)
    return replace(outcome, needs=lambda tests: fresh_seeds(compared, tests, limit, limit))


def compare(
    first: Side,
    second: Side,
    given: float | None = None,
    at_least: float | None = None,
    level: float = LEVEL,
) -> Outcome:
    """Compare two sides by their metric; `given` is the margin, if not the usual one.

    With `at_least` the first has to be better by so much, as a margin counts.
    """
    if has_goal(first, second):
        return compare_times(first, second, given, at_least, level)
    pairings, ours = _pairings([first, second]), against(first, second)
    if at_least is None:
        return replace(_outcome(pairings, first, given, level=level), ours=ours)
    least, shown = margin(first.metric, at_least)
    beyond = [compare_differences(less(one.differences, least)) for one in pairings]
    tested = weakest(beyond)
    outcome = _outcome(pairings, first, None, least_sure(beyond), level)
    return replace(
        outcome,
        p=tested.p, favours=tested.favours, test=tested.test, p_alike=NAN, p_new=NAN, margin=NAN,
        ours=ours, needs=lambda tests: _most(beyond, lambda one: fresh_seeds(one, tests)),
        by_seed=tuple(replace(one, margin=shown) for one in outcome.by_seed),
    )  # fmt: skip


class Pairing(NamedTuple):
    """Differences of `sides` by seed, (seeds,); the `parts` are so named, if one has several."""

    parts: tuple[str, ...]
    differences: np.ndarray
    sides: tuple[Side, ...]


def _pairings(sides: Sequence[Side]) -> list[Pairing]:
    """What has to show it: a difference for each choice of one part per side.

    On the scale of comparison; infinite where one side failed, NaN where that says nothing. Sides
    have one part each unless a part of their runs failed. A mean over a side's combinations lies
    between its parts, so what all choices show holds for the means, whatever the failed runs had.
    A seed in which a run did not fail and has no such number says nothing.
    """
    untold = np.any([side.untold for side in sides], axis=0)
    choices = list(itertools.product(*(side.parts() for side in sides)))
    pairings = []
    for parts in choices:
        gain = np.where(untold, np.nan, _contrast(*(part.values for part in parts)))
        names = tuple(part.name for part in parts) if len(choices) > 1 else ()
        pairings.append(Pairing(names, gain, parts))
    return pairings


def _contrast(first: np.ndarray, second: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """The gain of the first over the second, less that of the third over the fourth."""
    gain = difference(first, second)
    if not others:
        return gain
    with np.errstate(invalid="ignore"):  # infinite less infinite
        more = gain - difference(*others)
    sizes = np.nan_to_num(np.abs([first, second, *others])).max(axis=0)  # (seeds,)
    return without_rounding(more, sizes)


def _outcome(
    pairings: Sequence[Pairing],
    side: Side,
    given: float | None,
    place: int | None = None,
    level: float = LEVEL,
) -> Outcome:
    """What the pairings show together; effect and interval of the least sure or of one `place`.

    `side` is any of the sides: it has their metric, and rows to measure it on.
    """
    metric, (limit, limit_shown) = side.metric, margin(side.metric, given)
    compared = [
        replace(compare_differences(one.differences, limit, level=level), parts=one.parts)
        for one in pairings
    ]
    shown = weakest(compared, place)
    mean, low, high = shown.difference.mean, shown.difference.low, shown.difference.high
    if is_ratio(metric):
        mean, low, high = (math.inf if end > 700 else math.exp(end) for end in (mean, low, high))
    p_alike, overlap = shown.p_alike, side.overlap
    if metric_of(metric).counts_rows and not shown.wins + shown.losses + shown.failed:
        # Were the margin the truth, so many rows would hardly be right alike in all seeds.
        p_alike = max(p_alike, (1 - min(limit, 1.0)) ** side.rows)
    return Outcome(
        RATIO if is_ratio(metric) else DIFFERENCE, mean, low, high,
        shown.pairs, shown.test, shown.p, shown.favours, margin=limit_shown, p_alike=p_alike,
        p_new=float(np.max([_for_new_data(one, overlap) for one in compared])),
        needs=lambda tests: _most(compared, lambda one: fresh_seeds(one, tests, limit)),
        compared=shown, middle=middle(metric),
        relevant=all(one.difference.low > limit for one in compared),
        by_seed=tuple(by_seed(one.sides, one.differences, limit_shown) for one in pairings),
    )  # fmt: skip


def _most(
    compared: Sequence[Comparison], needs: Callable[[Comparison], float | None]
) -> float | None:
    """Fresh seeds that decide all comparisons; infinite where they contradict each other."""
    if len({one.favours for one in compared}) > 1:
        return math.inf
    seeds = [needs(one) for one in compared]
    return None if None in seeds else max(one for one in seeds if one is not None)


def _for_new_data(compared: Comparison, overlap: float) -> float:
    """Return p of the corrected resampled t test (Nadeau and Bengio 2003)."""
    effect = compared.difference
    if compared.test == NO_TEST or compared.failed or not effect.deviation > 0 or np.isnan(overlap):
        return NAN
    t = effect.mean / (effect.deviation * np.sqrt(1 / effect.n + overlap))
    return float(max(2 * stats.t.sf(abs(t), effect.n - 1), compared.p))
