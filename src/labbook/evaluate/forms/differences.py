"""Claims about the difference of two sides: one is better, they are alike, one gains more."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.censored import Censored, exchange_test, ratio_interval
from labbook.evaluate.comparison import Comparison, compare_differences, difference
from labbook.evaluate.finding import DIFFERENCE, NO_TEST, RATIO, Finding, shown
from labbook.evaluate.power import fresh_seeds, fresh_seeds_for_margin
from labbook.evaluate.results import Results
from labbook.evaluate.sides import (
    Side,
    against,
    has_goal,
    margin,
    median_text,
    share_of_overlap,
    side_times,
    side_values,
)
from labbook.evaluate.statistics import NAN, Interval
from labbook.metrics import is_ratio
from labbook.plan import ClaimPlan
from labbook.verdicts import FEWEST_SEEDS


def compare_sides(results: Results, claim: ClaimPlan) -> Finding:
    """The first side is better than the second, by at least so much if the claim says so."""
    first, second = claim.sides
    if any(has_goal(results, claim.metric, side) for side in claim.sides):
        return compare_times(results, first, second)
    found = compare_metric(results, claim.metric, first, second, claim.block.margin)
    if claim.block.at_least is None:
        return found
    least, _ = margin(claim.metric, claim.block.at_least)
    beyond = compare_differences(_differences(results, claim.metric, first, second) - least)
    return replace(
        found, p=beyond.p, favours=beyond.favours, test=beyond.test, p_alike=NAN, p_new=NAN,
        needs=lambda tests: fresh_seeds(beyond, tests),
    )  # fmt: skip


def interaction(results: Results, claim: ClaimPlan) -> Finding:
    """The first side beats the second by more than the third beats the fourth."""
    first, second = claim.sides[:2], claim.sides[2:]
    gains = [_differences(results, claim.metric, *sides) for sides in (first, second)]
    with np.errstate(invalid="ignore"):  # infinite less infinite: it says nothing
        found = _paired(results, claim.metric, gains[0] - gains[1], claim.block.margin)
    texts = (against(results, claim.metric, *sides) for sides in (first, second))
    return replace(found, ours="; ".join(texts))


def alike(results: Results, claim: ClaimPlan) -> Finding:
    """The two sides differ by less than the margin; a difference beyond it speaks against."""
    first, second = claim.sides
    found = compare_metric(results, claim.metric, first, second, claim.block.margin)
    compared = found.compared
    assert compared is not None
    limit, _ = margin(claim.metric, claim.block.margin)
    return replace(
        found, p=compared.p_beyond, favours=-1, p_new=NAN,
        needs=lambda tests: fresh_seeds_for_margin(compared, tests, limit),
    )  # fmt: skip


def compare_metric(
    results: Results, metric: str, first: Side, second: Side, given: float | None = None
) -> Finding:
    """Compare two sides by a metric; `given` is the margin, if not the usual one."""
    found = _paired(results, metric, _differences(results, metric, first, second), given)
    return replace(found, ours=against(results, metric, first, second))


def compare_times(results: Results, one: Side, other: Side) -> Finding:
    """Compare epochs to a tolerance that not all runs reached. There is no margin for them."""
    first, second = side_times(results, one), side_times(results, other)
    n = len(first.epochs)
    enough = n >= FEWEST_SEEDS
    p, favours = exchange_test(first, second) if enough else (NAN, 0)
    effect, low, high = ratio_interval(first, second)
    wins, losses = _first_there(first, second), _first_there(second, first)
    signs = Comparison(Interval(n, NAN, NAN, NAN, 0.0), 0, 0, wins, losses, "sign", p, favours)
    return Finding(
        RATIO, effect, low, high, n, "log-rank" if enough else NO_TEST, p, favours,
        f"{median_text(first)} against {median_text(second)}",
        needs=lambda tests: fresh_seeds(signs, tests),
    )  # fmt: skip


def _differences(results: Results, metric: str, first: Side, second: Side) -> np.ndarray:
    """By seed, on the scale of comparison; infinite where one side failed, shape (seeds,).

    NaN, which says nothing, where both failed, or where a run did not and has no such number.
    """
    found = difference(side_values(results, metric, first), side_values(results, metric, second))
    untold = np.any([results.untold(label, metric) for label in (*first, *second)], axis=0)
    return np.where(untold, np.nan, found)


def _paired(results: Results, metric: str, differences: np.ndarray, given: float | None) -> Finding:
    limit, limit_shown = margin(metric, given)
    found = compare_differences(differences, limit)
    scale = RATIO if is_ratio(metric) else DIFFERENCE
    effect = found.difference
    ends = [effect.mean, effect.low, effect.high]
    if found.failed_first or found.failed_second:
        ends = [NAN, NAN, NAN]  # a failed run has no size, and the others alone would flatter it
    mean, low, high = (shown(end, scale) for end in ends)
    return Finding(
        scale, mean, low, high, found.pairs, found.test, found.p, found.favours, ours="",
        margin=limit_shown, p_alike=found.p_alike,
        p_new=_for_new_data(found, share_of_overlap(results, metric)),
        needs=lambda tests: fresh_seeds(found, tests, limit), compared=found,
    )  # fmt: skip


def _for_new_data(found: Comparison, overlap: float) -> float:
    """Return p of the corrected resampled t test (Nadeau and Bengio 2003)."""
    effect = found.difference
    failed = found.failed_first or found.failed_second
    if found.test == NO_TEST or failed or not effect.deviation > 0 or not np.isfinite(overlap):
        return NAN
    t = effect.mean / (effect.deviation * np.sqrt(1 / effect.n + overlap))
    return float(max(2 * stats.t.sf(abs(t), effect.n - 1), found.p))


def _first_there(one: Censored, other: Censored) -> int:
    """In how many seeds `one` certainly needs fewer epochs."""
    return int((one.reached & (one.epochs < other.epochs)).sum())
