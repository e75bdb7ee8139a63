"""Claims about what is counted: runs that end in some way, weights and biases of a network."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.claims.by_seed import ABOVE, BELOW, BySeed
from labbook.evaluate.claims.outcome import SHARE, VALUE, Outcome
from labbook.evaluate.claims.sides import sides_of
from labbook.evaluate.statistics.intervals import LEVEL, mean_interval, rate_interval
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

BINOMIAL = "binomial"  # the name of the test
ENDINGS = {
    "converged": (CONVERGED,),
    "stopped early": (STOPPED,),
    "stalled": (STALLED,),
    "used up": (USED_UP, UNFINISHED),
    "unfinished": (UNFINISHED,),
    "diverged": DIVERGENCES,
}


def share(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """The share of runs that end in some way is above or below a bound, counted by seed.

    Runs of one seed share their split and may share its luck, so only seeds are independent: those
    of one combination are counted (exact binomial test), of several each seed has its own share.
    """
    block, (side,), seeds = claim.block.share, sides_of(results, claim), len(results.study.seeds)
    assert block is not None
    ended = np.isin(side.endings, ENDINGS[block.ended])  # (combinations, seeds)
    sign, bound = (1, block.above) if block.above is not None else (-1, block.below)
    assert bound is not None
    text = f"{int(ended.sum())} of {count(ended.size, 'run')} {block.ended}"
    later = int((side.endings == DIVERGED_LATER).sum())
    if block.ended == "diverged" and later:
        text += f", {later} of them after their best epoch"
    shares = ended.mean(axis=0)  # (seeds,)
    single, mean = len(side.labels) == 1, float(shares.mean())
    low, high = _share_interval(shares, single, level)
    by_seed = BySeed(
        (side.name, ABOVE if sign > 0 else BELOW), shares, np.full(seeds, bound),
        sign * (shares - bound), bound, test=BINOMIAL if single else "", paired=False,
    )  # fmt: skip
    outcome = Outcome(SHARE, mean, low, high, seeds, ours=text, margin=bound, by_seed=(by_seed,))
    if seeds < FEWEST_SEEDS:
        return outcome
    if single:
        return replace(
            outcome, test=BINOMIAL, favours=sign * int(np.sign(mean - bound)),
            p=float(stats.binomtest(round(mean * seeds), seeds, bound).pvalue),
            needs=lambda tests: first_enough(_power(mean, bound, TOTALS, ALPHA / max(tests, 1))),
        )  # fmt: skip
    compared = compare_differences(sign * (shares - bound), paired=False)
    return replace(
        outcome, test=compared.test, favours=compared.favours,
        p=max(compared.p, _unseen(shares, bound)),
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


def _share_interval(shares: np.ndarray, single: bool, level: float) -> tuple[float, float]:
    """Interval of the mean of the seeds' shares, as wide as what was not seen leaves open.

    It has the means that `_unseen` does not reject, of equal shares those alone: so many of no
    spread do not have an interval of no width. Of shares that are all 0 or all 1 it is that of a
    count (Clopper and Pearson 1934).
    """
    if single:
        return rate_interval(round(float(shares.sum())), len(shares), level)
    interval, still = mean_interval(shares, level), ((1 - level) / 2) ** (1 / len(shares))
    low = np.fmin(interval.low, shares.max() * still)
    high = np.fmax(interval.high, 1 - (1 - shares.min()) * still)
    return float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))


def _power(share: float, bound: float, totals: np.ndarray, alpha: float) -> np.ndarray:
    """Of the one-sided binomial tests at half of `alpha`, were `share` true."""
    if share > bound:
        return np.asarray(stats.binom.sf(stats.binom.isf(alpha / 2, totals, bound), totals, share))
    least = stats.binom.ppf(alpha / 2, totals, bound) - 1
    return np.asarray(stats.binom.cdf(least, totals, share))


def exact(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """A network has exactly so many weights and biases: nothing is left to chance, at any level."""
    block = claim.block.exact
    assert block is not None
    record = results.records[claim.sides[0][0], results.study.seeds[0]]
    counts = [count for _, _, count in record.layers if count]
    total = float(sum(counts))
    right = block.parameters in (None, sum(counts)) and block.layers in (None, counts)
    return Outcome(
        VALUE, total, total, total, 1, "exact", favours=1 if right else -1,
        ours=f"{sum(counts):,} = {' + '.join(map(str, counts))}",
        margin=float(block.parameters or sum(block.layers or ())),
    )  # fmt: skip
