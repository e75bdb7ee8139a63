"""Claims about the share of runs that end in some way."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.claims.outcome import NO_TEST, SHARE, Outcome
from labbook.evaluate.claims.sides import side_endings
from labbook.evaluate.statistics.intervals import LEVEL, NAN, mean_interval, rate_interval
from labbook.evaluate.statistics.paired import compare_differences
from labbook.evaluate.statistics.power import TOTALS, first_enough, fresh_seeds
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan
from labbook.training.runfile import (
    CONVERGED,
    DIVERGED_LATER,
    DIVERGENCES,
    STALLED,
    STOPPED,
    UNFINISHED,
    USED_UP,
)
from labbook.verdicts import ALPHA, FEWEST_SEEDS
from labbook.wording import count

ENDINGS = {
    "converged": (CONVERGED,),
    "stopped early": (STOPPED,),
    "stalled": (STALLED,),
    "used up": (USED_UP, UNFINISHED),
    "unfinished": (UNFINISHED,),
    "diverged": DIVERGENCES,
}


def share(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """The share of runs that end in some way is above or below a bound, counted by seed.

    Runs of one seed share their split and may share its luck, so only seeds are independent: those
    of one combination are counted (exact binomial test), of several each seed has its own share.
    """
    block, side, seeds = claim.block.share, claim.sides[0], len(results.study.seeds)
    assert block is not None
    ended = np.isin(side_endings(results, side), ENDINGS[block.ended]).reshape(-1, seeds)
    sign, bound = (1, block.above) if block.above is not None else (-1, block.below)
    assert bound is not None
    text = f"{int(ended.sum())} of {count(ended.size, 'run')} {block.ended}"
    later = int(np.isin(side_endings(results, side), [DIVERGED_LATER]).sum())
    if block.ended == "diverged" and later:
        text += f", {later} of them after their best epoch"
    shares = ended.mean(axis=0)  # (seeds,)
    low, high = _share_interval(shares, single=len(side) == 1)
    found = Outcome(
        SHARE, float(shares.mean()), low, high, seeds, NO_TEST, NAN, 0, text, margin=bound
    )
    if seeds < FEWEST_SEEDS:
        return found
    return _share_of_one(found, sign) if len(side) == 1 else _share_of_several(found, shares, sign)


def _share_of_one(found: Outcome, sign: int) -> Outcome:
    """With the exact binomial test of the seeds of one combination."""
    share, n, bound = found.effect, found.n, found.margin

    def needs(tests: int) -> float:
        return first_enough(_power(share, bound, TOTALS, ALPHA / max(tests, 1)))

    p = float(stats.binomtest(round(share * n), n, bound).pvalue)
    favours = sign * int(np.sign(share - bound))
    return replace(found, test="binomial", p=p, favours=favours, needs=needs)


def _share_of_several(found: Outcome, shares: np.ndarray, sign: int) -> Outcome:
    """With the test of the seeds' shares (seeds,) like that of a level."""
    compared = compare_differences(sign * (shares - found.margin), paired=False)
    p = max(compared.p, _unseen(shares, found.margin))
    return replace(
        found, test=compared.test, p=p, favours=compared.favours,
        needs=lambda tests: fresh_seeds(compared, tests),
    )  # fmt: skip


def _unseen(shares: np.ndarray, bound: float) -> float:
    """Two-sided p of never meeting a seed of the other extreme, were the mean share the bound.

    Were all seeds either as far from the bound as the farthest of these, or at the other end, such
    a few equal shares would say little of the mean, and show no spread to a t test.
    """
    if shares.mean() < bound:
        shares, bound = 1 - shares, 1 - bound
    return float(min(1.0, 2 * (bound / max(shares.max(), bound)) ** len(shares)))


def _share_interval(shares: np.ndarray, single: bool) -> tuple[float, float]:
    """Interval of the mean of the seeds' shares, as wide as what was not seen leaves open.

    It has the means that `_unseen` does not reject, of equal shares those alone: so many of no
    spread do not have an interval of no width. Of shares that are all 0 or all 1 it is that of a
    count (Clopper and Pearson 1934).
    """
    if single:
        return rate_interval(round(float(shares.sum())), len(shares))
    interval, still = mean_interval(shares), ((1 - LEVEL) / 2) ** (1 / len(shares))
    low = np.fmin(interval.low, shares.max() * still)
    high = np.fmax(interval.high, 1 - (1 - shares.min()) * still)
    return float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))


def _power(share: float, bound: float, totals: np.ndarray, alpha: float) -> np.ndarray:
    """Of the one-sided binomial tests at half of `alpha`, were `share` true."""
    if share > bound:
        return np.asarray(stats.binom.sf(stats.binom.isf(alpha / 2, totals, bound), totals, share))
    least = stats.binom.ppf(alpha / 2, totals, bound) - 1
    return np.asarray(stats.binom.cdf(least, totals, share))
