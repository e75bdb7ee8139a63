"""Claims about the level of a metric on one side."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.claims.forms.share import ENDINGS
from labbook.evaluate.claims.outcome import NO_TEST, VALUE, Outcome
from labbook.evaluate.claims.sides import (
    has_goal,
    interval_text,
    measured_rows,
    median_text,
    middle,
    side_endings,
    side_times,
    side_values,
)
from labbook.evaluate.statistics.censored import Censored
from labbook.evaluate.statistics.intervals import NAN, metric_interval, scaled, unscaled
from labbook.evaluate.statistics.paired import compare_differences, one_sided
from labbook.evaluate.statistics.power import fresh_seeds
from labbook.evaluate.study_runs import StudyRuns
from labbook.metrics import higher_is_better, metric_of
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import FEWEST_SEEDS


def level(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """The mean of a metric is above a bound, below one, or between two; t tests.

    A failed run keeps no bound, unless the claim speaks only of runs that ended in another way.
    """
    block, side = claim.block.level, claim.sides[0]
    assert block is not None
    bounds = {sign: b for sign, b in ((1, block.above), (-1, block.below)) if b is not None}
    if block.among is None and has_goal(results, claim.metric, side):
        kept = [_times_kept(side_times(results, side), sign, b) for sign, b in bounds.items()]
        found = Outcome(
            VALUE, NAN, NAN, NAN, len(kept[0]), NO_TEST, NAN, 0,
            median_text(side_times(results, side)), margin=next(iter(bounds.values())),
            middle=middle(claim.metric, goal=True),
        )  # fmt: skip
        if np.isnan(kept).any():  # whether those would have kept a bound beyond their budget
            return found
    else:
        values = _values(results, claim)  # (seeds,), natural direction, on the scale of comparison
        kept = [sign * (values - scaled(np.array(b), claim.metric)) for sign, b in bounds.items()]
        kept = [np.where(np.isnan(one) & _counts(results, claim), -np.inf, one) for one in kept]
        found = _level_of(results, claim, values, next(iter(bounds.values())))
    kept = [one[~np.isnan(one)] for one in kept]
    if len(kept[0]) < FEWEST_SEEDS:
        return found
    nearest = compare_differences(min(kept, key=lambda one: float(one.mean())), paired=False)
    found = replace(found, n=len(kept[0]), needs=lambda tests: fresh_seeds(nearest, tests))
    unseen = max(_unseen(results, claim, bound) for bound in bounds.values())
    if len(kept) == 1:
        p = max(nearest.p, unseen)
        return replace(found, test=nearest.test, p=p, favours=nearest.favours)
    outside = max(unseen, min(1.0, 2 * min(one_sided(-one) for one in kept)))
    inside = max(unseen, *(one_sided(one) for one in kept))
    return replace(
        found, test=f"two one-sided {nearest.test}", p=outside, favours=-1, p_alike=inside
    )


def _level_of(results: StudyRuns, claim: ClaimPlan, values: np.ndarray, bound: float) -> Outcome:
    """The finding without a test, and how many runs failed."""
    interval = metric_interval(unscaled(values, claim.metric), claim.metric)
    failed = int((np.isnan(values) & _counts(results, claim)).sum())
    text = interval_text(interval)
    text += f"; {failed} of {len(values)} failed" if failed else ""
    return Outcome(
        VALUE, interval.mean, interval.low, interval.high, interval.n, NO_TEST, NAN, 0, text,
        margin=bound, middle=middle(claim.metric),
    )  # fmt: skip


def _unseen(results: StudyRuns, claim: ClaimPlan, bound: float) -> float:
    """Return p of counting the rows of all seeds, were an accuracy the bound; 0 of other metrics.

    Equal accuracies of few rows, such as 1 of a rare class, show no spread to a test of the seeds,
    and yet say no more than their rows do.
    """
    rows = measured_rows(results, claim.metric)
    if not metric_of(claim.metric).counts_rows or not rows or not 0 < bound < 1:
        return 0.0
    right = np.nanmean(side_values(results, claim.metric, claim.sides[0])) * rows
    return 0.0 if np.isnan(right) else float(stats.binomtest(round(right), rows, bound).pvalue)


def _times_kept(times: Censored, sign: int, bound: float) -> np.ndarray:
    """Positive where the bound is kept; a run that did not get there is above its budget."""
    beyond = times.epochs >= bound
    unknown = np.where(beyond, sign * np.inf, np.nan)
    return np.where(
        times.reached, sign * (np.log(times.epochs) - scaled(np.array(bound), "epochs")), unknown
    )


def _values(results: StudyRuns, claim: ClaimPlan) -> np.ndarray:
    """The side's values (seeds,), on the scale of comparison; NaN where there is none."""
    values = side_values(results, claim.metric, claim.sides[0])
    natural = values if higher_is_better(claim.metric) else -values
    return np.where(_counts(results, claim), natural, np.nan)


def _counts(results: StudyRuns, claim: ClaimPlan) -> np.ndarray:
    """Of which seeds the claim speaks: all, or those whose runs ended as `among` says."""
    block, side = claim.block.level, claim.sides[0]
    assert block is not None
    told = ~np.any([results.untold(label, claim.metric) for label in side], axis=0)  # (seeds,)
    if block.among is None:
        return np.asarray(told)
    ended = np.array(side_endings(results, side)).reshape(len(side), -1)  # (labels, seeds)
    return np.asarray(told & np.isin(ended, ENDINGS[block.among]).all(axis=0))
