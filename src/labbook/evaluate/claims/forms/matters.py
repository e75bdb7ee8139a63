"""Claims that settings matter in an order."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import stats

from labbook.evaluate.claims.forms.neighbours import in_order, trend_of
from labbook.evaluate.claims.outcome import CORRELATION, NO_TEST, Outcome, Pair
from labbook.evaluate.importance import estimate
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.statistics.variance import Estimate
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import FEWEST_SEEDS
from labbook.wording import percent

CHANCE = "chance"


def matters(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """Each setting explains more of the study's metric than the next, and more than chance would.

    Shares and their spread are those of importance.csv, corrected for chance. The effect is
    Spearman's correlation of claimed and found ranks of the shares, mean over the seeds'
    pseudo-values.
    """
    names, found = claim.block.matters or [], estimate(results)
    if found is None:  # no run with a result, a single seed
        return Outcome(CORRELATION, NAN, NAN, NAN, 0, NO_TEST, NAN, 0, ours="")
    _, design, shares = found
    places = [design.names.index(one) if one in design.names else None for one in names]
    weights = [_only(place, len(shares.shares)) for place in places]
    seeds = design.metric.shape[1]
    trend = replace(trend_of(_by_seed(shares, weights)), n=seeds)
    judged = in_order(trend, _pairs(names, shares, weights, seeds >= FEWEST_SEEDS))
    texts = (
        f"{name} {percent(max(0.0, float(one @ shares.shares)))}"
        for name, one in zip(names, weights, strict=True)
    )
    return replace(judged, ours="; ".join(texts))


def _pairs(
    names: Sequence[str], shares: Estimate, weights: Sequence[np.ndarray], enough: bool
) -> list[Pair]:
    """Neighbours, and all but the last setting against chance."""
    nothing = np.zeros(len(shares.shares))
    named = list(zip(names, weights, strict=True))
    asked = [*pairwise(named), *((one, (CHANCE, nothing)) for one in named[:-1])]
    return [
        _pair(first, second, *_test(shares, a - b), enough) for (first, a), (second, b) in asked
    ]


def _pair(first: str, second: str, value: float, p: float, enough: bool) -> Pair:
    if not enough:
        return Pair(first, second, NAN, 0)
    if second == CHANCE and value <= 0:  # less than chance is chance
        return Pair(first, second, 1.0, 0)
    return Pair(first, second, p, int(np.sign(value)))


def _test(shares: Estimate, weights: np.ndarray) -> tuple[float, float]:
    """A sum of shares with these weights, and the two-sided p of 0: t by the jackknife."""
    value, error, degrees = shares.combined(weights)
    if value == 0:
        return 0.0, 1.0
    if not error > 0:  # the same without any of the groups: their signs alone speak
        return value, 2 * 0.5 ** (degrees + 1)
    return value, float(2 * stats.t.sf(abs(value) / error, degrees))


def _by_seed(shares: Estimate, weights: Sequence[np.ndarray]) -> np.ndarray:
    """Pseudo-values of the settings' shares, (groups of seeds, settings)."""
    return np.asarray(shares.by_seed @ np.array(weights).T)


def _only(place: int | None, places: int) -> np.ndarray:
    """Weights that pick one share; a setting of a single value explains nothing."""
    weights = np.zeros(places)
    if place is not None:
        weights[place] = 1
    return weights
