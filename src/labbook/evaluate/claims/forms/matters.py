"""Claims that settings matter in an order."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import stats

from labbook.evaluate.claims.forms.order import in_order, trend_of
from labbook.evaluate.claims.outcome import CORRELATION, Outcome, Pair
from labbook.evaluate.importance import estimate
from labbook.evaluate.statistics.intervals import LEVEL, NAN
from labbook.evaluate.statistics.variance import Estimate
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import FEWEST_SEEDS
from labbook.wording import percent

CHANCE = "chance"


def matters(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """Each setting explains more of the study's metric than the next, and more than chance would.

    Shares and their spread are those of importance.csv, corrected for chance. The effect is
    Spearman's correlation of claimed and found ranks of the shares, mean over the seeds'
    pseudo-values.
    """
    names, estimated = claim.block.matters or [], estimate(results)
    if estimated is None:  # no run with a result, a single seed
        return Outcome(CORRELATION)
    _, design, shares = estimated
    # Weights that pick one share each; a setting of a single value explains nothing.
    places = [design.names.index(name) if name in design.names else -1 for name in names]
    weights = [np.arange(len(shares.shares)) == place for place in places]
    weighted = list(zip(names, np.array(weights, dtype=float), strict=True))
    nothing = (CHANCE, np.zeros(len(shares.shares)))
    seeds = design.metric.shape[1]
    pairs = [
        _pair(shares, first, second, a - b, enough=seeds >= FEWEST_SEEDS)
        for (first, a), (second, b) in [
            *pairwise(weighted),
            *((one, nothing) for one in weighted[:-1]),
        ]
    ]
    by_seed = np.asarray(shares.by_seed @ np.array(weights, dtype=float).T)  # (groups, settings)
    texts = (f"{name} {percent(max(0.0, float(one @ shares.shares)))}" for name, one in weighted)
    trend = replace(trend_of(by_seed, level), n=seeds)
    return replace(in_order(trend, pairs, level), ours="; ".join(texts))


def _pair(shares: Estimate, first: str, second: str, weights: np.ndarray, enough: bool) -> Pair:
    """What a sum of shares with these weights shows: its sign, and the two-sided p of 0."""
    if not enough:
        return Pair(first, second, NAN, 0)
    value, error, degrees = shares.combined(weights)
    if second == CHANCE and value <= 0:  # less than chance is chance
        return Pair(first, second, 1.0, 0)
    if value == 0:
        p = 1.0
    elif not error > 0:  # the same without any of the groups: their signs alone speak
        p = 2 * 0.5 ** (degrees + 1)
    else:
        p = float(2 * stats.t.sf(abs(value) / error, degrees))  # t by the jackknife
    return Pair(first, second, p, int(np.sign(value)))
