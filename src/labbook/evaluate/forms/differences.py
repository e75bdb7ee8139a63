"""Claims about the difference of two sides: one is better, they are alike, one gains more."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.censored import Censored, exchange_test, ratio_interval
from labbook.evaluate.comparison import Comparison, compare
from labbook.evaluate.finding import DIFFERENCE, NO_TEST, RATIO, Finding, shown
from labbook.evaluate.power import more_seeds
from labbook.evaluate.results import Results
from labbook.evaluate.sides import (
    has_goal,
    margin,
    median_text,
    share_of_overlap,
    side_text,
    side_times,
    side_values,
)
from labbook.evaluate.statistics import NAN, Interval
from labbook.metrics import is_ratio
from labbook.plan import ClaimPlan
from labbook.verdicts import FEWEST_SEEDS


def compare_sides(results: Results, claim: ClaimPlan) -> Finding:
    """The first side is better than the second."""
    if any(has_goal(results, claim.metric, side) for side in claim.sides):
        return _compare_times(results, claim)
    first, second = (side_values(results, claim.metric, side) for side in claim.sides)
    return _paired(results, claim, first, second)


def interaction(results: Results, claim: ClaimPlan) -> Finding:
    """The first side beats the second by more than the third beats the fourth."""
    values = [side_values(results, claim.metric, side) for side in claim.sides]
    return _paired(results, claim, values[0] - values[1], values[2] - values[3])


def alike(results: Results, claim: ClaimPlan) -> Finding:
    """The two sides differ by less than the margin; a difference beyond it speaks against."""
    found = compare_sides(results, claim)
    return replace(found, p=found.compared.p_beyond if found.compared else NAN, favours=-1)


def _paired(results: Results, claim: ClaimPlan, first: np.ndarray, second: np.ndarray) -> Finding:
    """Compare two arrays as `side_values` gives them, shape (seeds,)."""
    limit, limit_shown = margin(claim)
    found = compare(first, second, limit)
    effect = found.difference
    scale = RATIO if is_ratio(claim.metric) else DIFFERENCE
    overlap = share_of_overlap(results, claim.metric)
    ours = [side_text(results, claim.metric, side) for side in claim.sides]
    return Finding(
        scale=scale,
        effect=shown(effect.mean, scale),
        low=shown(effect.low, scale),
        high=shown(effect.high, scale),
        n=found.pairs,
        test=found.test,
        p=found.p,
        favours=found.favours,
        ours="; ".join(" against ".join(ours[i : i + 2]) for i in range(0, len(ours), 2)),
        margin=limit_shown,
        p_alike=found.p_alike,
        p_new=_for_new_data(found, overlap),
        needs=lambda tests: more_seeds(found, tests, limit),
        compared=found,
    )


def _for_new_data(found: Comparison, overlap: float) -> float:
    """Return p of the corrected resampled t test (Nadeau and Bengio 2003)."""
    effect = found.difference
    if found.test == "none" or not effect.deviation > 0 or not np.isfinite(overlap):
        return NAN
    t = effect.mean / (effect.deviation * np.sqrt(1 / effect.n + overlap))
    return float(max(2 * stats.t.sf(abs(t), effect.n - 1), found.p))


def _compare_times(results: Results, claim: ClaimPlan) -> Finding:
    """Epochs to a tolerance that not all runs reached."""
    first, second = (side_times(results, side) for side in claim.sides)
    n = len(first.epochs)
    enough = n >= FEWEST_SEEDS
    p, favours = exchange_test(first, second) if enough else (NAN, 0)
    effect, low, high = ratio_interval(first, second)
    wins, losses = _first_there(first, second), _first_there(second, first)
    signs = Comparison(Interval(n, NAN, NAN, NAN, 0.0), 0, 0, wins, losses, "sign", p, favours)
    return Finding(
        RATIO, effect, low, high, n, "log-rank" if enough else NO_TEST, p, favours,
        f"{median_text(first)} against {median_text(second)}", margin=margin(claim)[1],
        needs=lambda tests: more_seeds(signs, tests),
    )  # fmt: skip


def _first_there(one: Censored, other: Censored) -> int:
    """In how many seeds `one` certainly needs fewer epochs."""
    return int((one.reached & (one.epochs < other.epochs)).sum())
