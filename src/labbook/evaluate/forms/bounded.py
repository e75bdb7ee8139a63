"""Claims about one side alone: a share of runs, the level of a metric, an exact count."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.censored import Censored
from labbook.evaluate.comparison import compare_differences, one_sided
from labbook.evaluate.finding import NO_TEST, SHARE, VALUE, Finding
from labbook.evaluate.power import MOST_SEEDS, first_enough, fresh_seeds
from labbook.evaluate.results import Results
from labbook.evaluate.sides import (
    has_goal,
    interval_text,
    median_text,
    side_endings,
    side_times,
    side_values,
)
from labbook.evaluate.statistics import NAN, metric_interval, rate_interval, scaled, unscaled
from labbook.metrics import higher_is_better
from labbook.plan import ClaimPlan
from labbook.runs import CONVERGED, DIVERGENCES, STALLED, STOPPED, UNFINISHED, USED_UP
from labbook.verdicts import ALPHA, FEWEST_SEEDS

ENDINGS = {
    "converged": (CONVERGED,),
    "stopped early": (STOPPED,),
    "stalled": (STALLED,),
    "used up": (USED_UP, UNFINISHED),
    "unfinished": (UNFINISHED,),
    "diverged": DIVERGENCES,
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

    def needs(tests: int) -> float:
        totals = n + per_seed * np.arange(1, MOST_SEEDS + 1)
        return first_enough(_power(count / n, bound, totals, ALPHA / max(tests, 1)))

    return Finding(
        SHARE, count / n, *rate_interval(count, n), n, "binomial",
        float(stats.binomtest(count, n, bound).pvalue), sign * int(np.sign(count / n - bound)),
        f"{count} of {n} runs {block.ended}", margin=bound, needs=needs,
    )  # fmt: skip


def level(results: Results, claim: ClaimPlan) -> Finding:
    """The mean of a metric is above a bound, below one, or between two; t tests.

    A failed run keeps no bound, unless the claim speaks only of runs that ended in another way.
    """
    block, side = claim.block.level, claim.sides[0]
    assert block is not None
    bounds = {sign: b for sign, b in ((1, block.above), (-1, block.below)) if b is not None}
    if has_goal(results, claim.metric, side):
        kept = [_times_kept(side_times(results, side), sign, b) for sign, b in bounds.items()]
        found = Finding(
            VALUE, NAN, NAN, NAN, len(kept[0]), NO_TEST, NAN, 0,
            median_text(side_times(results, side)), margin=next(iter(bounds.values())),
        )  # fmt: skip
    else:
        values = _values(results, claim)  # (seeds,), natural direction, on the scale of comparison
        kept = [sign * (values - scaled(np.array(b), claim.metric)) for sign, b in bounds.items()]
        kept = [np.where(np.isnan(one) & _counts(results, claim), -np.inf, one) for one in kept]
        found = _level_of(results, claim, values, next(iter(bounds.values())))
    kept = [one[~np.isnan(one)] for one in kept]
    if len(kept[0]) < FEWEST_SEEDS:
        return found
    nearest = compare_differences(min(kept, key=lambda one: float(one.mean())))
    found = replace(found, n=len(kept[0]), needs=lambda tests: fresh_seeds(nearest, tests))
    if len(kept) == 1:
        return replace(found, test=nearest.test, p=nearest.p, favours=nearest.favours)
    outside = min(1.0, 2 * min(one_sided(-one) for one in kept))
    inside = max(one_sided(one) for one in kept)
    return replace(found, test="two one-sided t", p=outside, favours=-1, p_alike=inside)


def _level_of(results: Results, claim: ClaimPlan, values: np.ndarray, bound: float) -> Finding:
    """The finding without a test, and how many runs failed."""
    interval = metric_interval(unscaled(values, claim.metric), claim.metric)
    failed = int((np.isnan(values) & _counts(results, claim)).sum())
    text = interval_text(interval)
    text += f"; {failed} of {len(values)} failed" if failed else ""
    return Finding(
        VALUE, interval.mean, interval.low, interval.high, interval.n, NO_TEST, NAN, 0, text,
        margin=bound,
    )  # fmt: skip


def _times_kept(times: Censored, sign: int, bound: float) -> np.ndarray:
    """Positive where the bound is kept; a run that did not get there is above its budget."""
    beyond = times.epochs >= bound
    unknown = np.where(beyond, sign * np.inf, np.nan)
    return np.where(times.reached, sign * (np.log(times.epochs) - np.log(bound)), unknown)


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
    """The side's values (seeds,), on the scale of comparison; NaN where there is none."""
    values = side_values(results, claim.metric, claim.sides[0])
    natural = values if higher_is_better(claim.metric) else -values
    return np.where(_counts(results, claim), natural, np.nan)


def _counts(results: Results, claim: ClaimPlan) -> np.ndarray:
    """Of which seeds the claim speaks: all, or those whose runs ended as `among` says."""
    block, side = claim.block.level, claim.sides[0]
    assert block is not None
    if block.among is None:
        return np.ones(len(results.study.seeds), dtype=bool)
    ended = np.array(side_endings(results, side)).reshape(len(side), -1)  # (labels, seeds)
    return np.asarray(np.isin(ended, ENDINGS[block.among]).all(axis=0))


def _power(share: float, bound: float, totals: np.ndarray, alpha: float) -> np.ndarray:
    """Of the one-sided binomial tests at half of `alpha`, were `share` true."""
    if share > bound:
        return np.asarray(stats.binom.sf(stats.binom.isf(alpha / 2, totals, bound), totals, share))
    least = stats.binom.ppf(alpha / 2, totals, bound) - 1
    return np.asarray(stats.binom.cdf(least, totals, share))
