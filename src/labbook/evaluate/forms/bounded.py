"""Claims about one side alone: a share of runs, the level of a metric, an exact count."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.comparison import compare, mean_test, one_sided
from labbook.evaluate.finding import NO_TEST, SHARE, VALUE, Finding
from labbook.evaluate.power import MOST_SEEDS, first_enough, more_seeds
from labbook.evaluate.results import Results
from labbook.evaluate.sides import interval_text, side_endings, side_values
from labbook.evaluate.statistics import NAN, metric_interval, rate_interval, restored, scaled
from labbook.plan import ClaimPlan
from labbook.runs import CONVERGED, DIVERGED, STALLED, STOPPED, UNFINISHED, USED_UP
from labbook.verdicts import ALPHA, FEWEST_SEEDS

ENDINGS = {
    "converged": (CONVERGED,),
    "stopped early": (STOPPED,),
    "stalled": (STALLED,),
    "used up": (USED_UP, UNFINISHED),
    "unfinished": (UNFINISHED,),
    "diverged": (DIVERGED,),
}


def share(results: Results, claim: ClaimPlan) -> Finding:
    """The share of runs that end in some way is above or below a bound: exact binomial test."""
    block = claim.block.share
    assert block is not None
    ended = side_endings(results, claim.sides[0])
    count, n = sum(one in ENDINGS[block.ended] for one in ended), len(ended)
    sign, bound = (1, block.above) if block.above is not None else (-1, block.below)
    assert bound is not None
    per_seed = n // len(results.study.seeds)

    def needs(tests: int) -> int:
        totals = n + per_seed * np.arange(1, MOST_SEEDS + 1)
        return first_enough(_power(count / n, bound, totals, ALPHA / max(tests, 1)))

    return Finding(
        SHARE, count / n, *rate_interval(count, n), n, "binomial",
        float(stats.binomtest(count, n, bound).pvalue), sign * int(np.sign(count / n - bound)),
        f"{count} of {n} runs {block.ended}", margin=bound, needs=needs,
    )  # fmt: skip


def level(results: Results, claim: ClaimPlan) -> Finding:
    """The mean of a metric is above a bound, below one, or between two; t tests."""
    block = claim.block.level
    assert block is not None
    values = restored(_values(results, claim), claim.metric)  # (seeds,)
    interval = metric_interval(values, claim.metric)
    bounds = [one for one in (block.above, block.below) if one is not None]
    known = values[np.isfinite(values)]
    # (bounds, seeds), positive where the bound is kept
    kept = np.array([
        sign * (scaled(known, claim.metric) - scaled(np.array(bound), claim.metric))
        for bound, sign in zip((block.above, block.below), (1, -1), strict=True)
        if bound is not None
    ])  # fmt: skip
    found = Finding(
        VALUE, interval.mean, interval.low, interval.high, interval.n, NO_TEST, NAN, 0,
        interval_text(interval), margin=bounds[0],
    )  # fmt: skip
    if interval.n < FEWEST_SEEDS:
        return found
    nearest = compare(kept[kept.mean(axis=1).argmin()], np.zeros(interval.n))
    found = replace(found, needs=lambda tests: more_seeds(nearest, tests))
    if len(bounds) == 1:
        name, p = mean_test(kept[0])
        return replace(found, test=name, p=p, favours=int(np.sign(kept.mean())))
    outside = min(1.0, 2 * min(one_sided(-one) for one in kept))
    inside = max(one_sided(one) for one in kept)
    return replace(found, test="two one-sided t", p=outside, favours=-1, p_alike=inside)


def exact(results: Results, claim: ClaimPlan) -> Finding:
    """A network has exactly so many weights and biases; nothing is left to chance."""
    block = claim.block.exact
    assert block is not None
    record = results.records[claim.sides[0][0], results.study.seeds[0]]
    counts = [count for _, _, count in record.layers if count]
    total = float(sum(counts))
    right = block.parameters in (None, sum(counts)) and block.layers in (None, counts)
    return Finding(
        VALUE, total, total, total, 1, "exact", NAN, 1 if right else -1,
        f"{sum(counts):,} = {' + '.join(str(one) for one in counts)}",
        margin=float(block.parameters or sum(block.layers or ())),
    )  # fmt: skip


def _values(results: Results, claim: ClaimPlan) -> np.ndarray:
    """The side's values; NaN where the claim speaks only of runs that ended in another way."""
    block, side = claim.block.level, claim.sides[0]
    assert block is not None
    values = side_values(results, claim.metric, side)
    if block.among is None:
        return values
    ended = np.array(side_endings(results, side)).reshape(len(side), -1)  # (labels, seeds)
    return np.where(np.isin(ended, ENDINGS[block.among]).all(axis=0), values, np.nan)


def _power(share: float, bound: float, totals: np.ndarray, alpha: float) -> np.ndarray:
    """Of the one-sided binomial tests at half of `alpha`, were `share` true."""
    if share > bound:
        return np.asarray(stats.binom.sf(stats.binom.isf(alpha / 2, totals, bound), totals, share))
    least = stats.binom.ppf(alpha / 2, totals, bound) - 1
    return np.asarray(stats.binom.cdf(least, totals, share))
