"""Claims about the difference of two sides: one is better, they are alike, one gains more."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import stats

from labbook.evaluate.claims.exceptions import exceptions
from labbook.evaluate.claims.forms.times import alike_times, compare_times
from labbook.evaluate.claims.outcome import (
    CLAIMED_BETTER,
    DIFFERENCE,
    NO_TEST,
    RATIO,
    Outcome,
    shown,
)
from labbook.evaluate.claims.sides import (
    Side,
    against,
    has_goal,
    margin,
    measured_rows,
    middle,
    share_of_overlap,
    side_name,
    side_parts,
    side_values,
)
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.statistics.location_tests import less, without_rounding
from labbook.evaluate.statistics.paired import (
    Comparison,
    compare_differences,
    difference,
    least_sure,
    weakest,
)
from labbook.evaluate.statistics.power import fresh_seeds, fresh_seeds_for_margin
from labbook.evaluate.study_runs import StudyRuns
from labbook.metrics import is_ratio, metric_of
from labbook.plan.studies import ClaimPlan


def compare_sides(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """The first side is better than the second, by at least so much if the claim says so."""
    first, second = claim.sides
    told = exceptions(results, claim.metric, first, second, f"the {CLAIMED_BETTER}")
    return replace(_compared(results, claim), exceptions=told)


def _compared(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    first, second = claim.sides
    if has_goal(results, claim.metric, *claim.sides):
        return compare_times(results, first, second, claim.block.margin, claim.block.at_least)
    if claim.block.at_least is None:
        return compare_metric(results, claim.metric, first, second, claim.block.margin)
    least, _ = margin(claim.metric, claim.block.at_least)
    pairings = _pairings(results, claim.metric, claim.sides)
    beyond = [compare_differences(less(one.differences, least)) for one in pairings]
    tested = weakest(beyond)
    found = _finding(results, claim.metric, pairings, None, least_sure(beyond))
    return replace(
        found, p=tested.p, favours=tested.favours, test=tested.test, p_alike=NAN, p_new=NAN,
        margin=NAN, ours=against(results, claim.metric, claim.sides),
        needs=lambda tests: _most(beyond, lambda one: fresh_seeds(one, tests)),
    )  # fmt: skip


def interaction(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """The first side beats the second by more than the third beats the fourth.

    Gains that are infinite in the same direction say nothing of which is larger. Epochs that a run
    would have needed beyond its budget are not known, and nor is a gain of them: then no test.
    """
    pairings = _pairings(results, claim.metric, claim.sides)
    found = _finding(results, claim.metric, pairings, claim.block.margin)
    goal = has_goal(results, claim.metric, *claim.sides)
    halves = (claim.sides[:2], claim.sides[2:])
    ours = "; ".join(against(results, claim.metric, two, goal) for two in halves)
    if not goal:
        return replace(found, ours=ours)
    middle_of = middle(claim.metric, goal)
    return Outcome(
        RATIO, NAN, NAN, NAN, found.n, NO_TEST, NAN, 0, ours, found.margin, middle=middle_of
    )


def alike(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """The two sides differ by less than the margin; a difference beyond it speaks against."""
    first, second = claim.sides
    if has_goal(results, claim.metric, *claim.sides):
        return alike_times(results, first, second, claim.block.margin)
    found = compare_metric(results, claim.metric, first, second, claim.block.margin)
    compared = found.compared
    assert compared is not None
    limit, _ = margin(claim.metric, claim.block.margin)
    return replace(
        found, p=compared.p_beyond, favours=-1, p_new=NAN,
        needs=lambda tests: fresh_seeds_for_margin(compared, tests, limit),
    )  # fmt: skip


def compare_metric(
    results: StudyRuns, metric: str, first: Side, second: Side, given: float | None = None
) -> Outcome:
    """Compare two sides by a metric; `given` is the margin, if not the usual one."""
    found = _finding(results, metric, _pairings(results, metric, (first, second)), given)
    return replace(found, ours=against(results, metric, (first, second)))


class Pairing(NamedTuple):
    """Differences by seed, shape (seeds,), of the `parts` so named, if a side has several."""

    parts: tuple[str, ...]
    differences: np.ndarray


def _pairings(results: StudyRuns, metric: str, sides: Sequence[Side]) -> list[Pairing]:
    """What has to show it: a difference for each choice of one part per side.

    On the scale of comparison; infinite where one side failed, NaN where that says nothing. Sides
    have one part each unless a part of their runs failed. A mean over a side's combinations lies
    between its parts, so what all choices show holds for the means, whatever the failed runs had.
    A seed in which a run did not fail and has no such number says nothing.
    """
    untold = np.any([results.untold(label, metric) for side in sides for label in side], axis=0)
    chosen = list(itertools.product(*(side_parts(results, metric, side) for side in sides)))
    found = []
    for parts in chosen:
        gain = _contrast(*(side_values(results, metric, part) for part in parts))
        names = tuple(map(side_name, parts)) if len(chosen) > 1 else ()
        found.append(Pairing(names, np.where(untold, np.nan, gain)))
    return found


def _contrast(first: np.ndarray, second: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """The gain of the first over the second, less that of the third over the fourth."""
    gain = difference(first, second)
    if not others:
        return gain
    with np.errstate(invalid="ignore"):  # infinite less infinite
        more = gain - difference(*others)
    sizes = np.nan_to_num(np.abs([first, second, *others])).max(axis=0)  # (seeds,)
    return without_rounding(more, sizes)


def _finding(
    results: StudyRuns,
    metric: str,
    pairings: Sequence[Pairing],
    given: float | None,
    place: int | None = None,
) -> Outcome:
    """What the pairings show together; effect and interval of the least sure or of one `place`."""
    limit, limit_shown = margin(metric, given)
    compared = [
        replace(compare_differences(one.differences, limit), parts=one.parts) for one in pairings
    ]
    found = weakest(compared, place)
    scale = RATIO if is_ratio(metric) else DIFFERENCE
    effect = found.difference
    mean, low, high = (shown(end, scale) for end in (effect.mean, effect.low, effect.high))
    overlap, alike = share_of_overlap(results, metric), found.p_alike
    if metric_of(metric).counts_rows and not found.wins + found.losses + found.failed:
        # Were the margin the truth, so many rows would hardly be right alike in all seeds.
        alike = max(alike, (1 - min(limit, 1.0)) ** measured_rows(results, metric))
    return Outcome(
        scale, mean, low, high, found.pairs, found.test, found.p, found.favours, ours="",
        margin=limit_shown, p_alike=alike,
        p_new=float(np.max([_for_new_data(one, overlap) for one in compared])),
        needs=lambda tests: _most(compared, lambda one: fresh_seeds(one, tests, limit)),
        compared=found, middle=middle(metric),
        relevant=all(one.difference.low > limit for one in compared),
    )  # fmt: skip


def _most(
    compared: Sequence[Comparison], needs: Callable[[Comparison], float | None]
) -> float | None:
    """Fresh seeds that decide all comparisons; infinite where they contradict each other."""
    if len({one.favours for one in compared}) > 1:
        return math.inf
    found = [needs(one) for one in compared]
    return None if None in found else max(one for one in found if one is not None)


def _for_new_data(found: Comparison, overlap: float) -> float:
    """Return p of the corrected resampled t test (Nadeau and Bengio 2003)."""
    effect = found.difference
    if found.test == NO_TEST or found.failed or not effect.deviation > 0 or np.isnan(overlap):
        return NAN
    t = effect.mean / (effect.deviation * np.sqrt(1 / effect.n + overlap))
    return float(max(2 * stats.t.sf(abs(t), effect.n - 1), found.p))
