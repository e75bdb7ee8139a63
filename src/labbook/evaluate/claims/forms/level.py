"""Claims about the level of a metric on one side."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.claims.by_seed import ABOVE, BELOW, BySeed
from labbook.evaluate.claims.forms.counts import ENDINGS
from labbook.evaluate.claims.outcome import VALUE, Outcome
from labbook.evaluate.claims.side_figures import interval_text, median_text, middle
from labbook.evaluate.claims.sides import Side, sides_of
from labbook.evaluate.statistics.censored import Censored
from labbook.evaluate.statistics.intervals import (
    LEVEL,
    metric_interval,
    restored,
    scaled,
    unscaled,
)
from labbook.evaluate.statistics.paired import compare_differences, one_sided
from labbook.evaluate.statistics.power import fresh_seeds
from labbook.evaluate.study_runs import StudyRuns
from labbook.measures import higher_is_better, metric_of
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import FEWEST_SEEDS


def level(results: StudyRuns, claim: ClaimPlan, confidence: float = LEVEL) -> Outcome:
    """The mean of a metric is above a bound, below one, or between two; t tests.

    A failed run keeps no bound, unless the claim speaks only of runs that ended in another way.
    """
    metric, block, (side,) = claim.metric, claim.block.level, sides_of(results, claim)
    assert block is not None
    bounds = {sign: b for sign, b in ((1, block.above), (-1, block.below)) if b is not None}
    bound = next(iter(bounds.values()))
    words = [ABOVE if sign > 0 else BELOW for sign in bounds]
    if block.among is None and side.missed_goal:
        kept = [_times_kept(side.times, sign, b) for sign, b in bounds.items()]
        text, called = median_text(side.times), middle(metric, goal=True)
        outcome = Outcome(VALUE, n=len(kept[0]), ours=text, margin=bound, middle=called)
        if np.isnan(kept).any():  # whether those would have kept a bound beyond their budget
            return outcome
    else:
        counted = ~side.untold  # of which seeds the claim speaks, (seeds,)
        if block.among is not None:
            counted &= np.isin(side.endings, ENDINGS[block.among]).all(axis=0)
        natural = side.values if higher_is_better(metric) else -side.values
        values = np.where(counted, natural, np.nan)  # on the scale of comparison
        kept = [sign * (values - scaled(np.array(b), metric)) for sign, b in bounds.items()]
        kept = [np.where(np.isnan(one) & counted, -np.inf, one) for one in kept]
        interval = metric_interval(unscaled(values, metric), metric, confidence)
        level = restored(side.values, metric)
        failed = int((np.isnan(values) & counted).sum())
        text = interval_text(interval)
        text += f"; {failed} of {len(values)} failed" if failed else ""
        outcome = Outcome(
            VALUE, interval.mean, interval.low, interval.high, interval.n, ours=text,
            margin=bound, middle=middle(metric),
            by_seed=tuple(
                BySeed((side.name, word), level, np.full(len(one), b), one, b, paired=False)
                for word, b, one in zip(words, bounds.values(), kept, strict=True)
            ),
        )  # fmt: skip
    return _tested(outcome, side, list(bounds.values()), kept)


def _tested(outcome: Outcome, side: Side, bounds: list[float], kept: list[np.ndarray]) -> Outcome:
    """The outcome with its test: each of `kept`, (seeds,), is positive where a bound is kept."""
    kept = [one[~np.isnan(one)] for one in kept]
    if len(kept[0]) < FEWEST_SEEDS:
        return outcome
    nearest = compare_differences(min(kept, key=lambda one: float(one.mean())), paired=False)
    outcome = replace(outcome, n=len(kept[0]), needs=lambda tests: fresh_seeds(nearest, tests))
    unseen = max(_unseen(side, bound) for bound in bounds)
    if len(kept) == 1:
        p = max(nearest.p, unseen)
        return replace(outcome, test=nearest.test, p=p, favours=nearest.favours)
    outside = max(unseen, min(1.0, 2 * min(one_sided(-one) for one in kept)))
    inside = max(unseen, *(one_sided(one) for one in kept))
    test = f"two one-sided {nearest.test}"
    return replace(outcome, test=test, p=outside, favours=-1, p_alike=inside)


def _unseen(side: Side, bound: float) -> float:
    """Return p of counting the rows of all seeds, were a share of rows the bound; else 0.

    Equal accuracies of few rows, such as 1 of a rare class, show no spread to a test of the seeds,
    and yet say no more than their rows do.
    """
    if not metric_of(side.metric).counts_rows or not side.rows or not 0 < bound < 1:
        return 0.0
    right = np.nanmean(side.values) * side.rows
    return 0.0 if np.isnan(right) else float(stats.binomtest(round(right), side.rows, bound).pvalue)


def _times_kept(times: Censored, sign: int, bound: float) -> np.ndarray:
    """Positive where the bound is kept; a run that did not get there is above its budget."""
    unknown = np.where(times.epochs >= bound, sign * np.inf, np.nan)
    arrived = sign * (np.log(times.epochs) - scaled(np.array(bound), "epochs"))
    return np.where(times.reached, arrived, unknown)
