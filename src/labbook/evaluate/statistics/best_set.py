"""Which of several combinations may be the best: multiple comparisons with the best.

Of each combination it is tested that no other is better, against all others at once (Gupta 1965;
Hsu 1981, 1984): the largest of the paired statistics counts, and how large it gets by chance is
found by flipping the signs of the differences seed by seed, in all pairs alike, so that what the
comparisons have in common is kept (the single-step maximum of Romano and Wolf 2005). Of the
combination that is truly the best the tested sentence is true: it stays in the set with a chance of
95 % or more, however many others there are. Flips are exact where differences are as likely to be
of either sign, normal or not. Written here because SciPy and statsmodels have no such set:
`scipy.stats.permutation_test` flips one sample, `dunnett` and `tukey_hsd` are for unpaired groups.
"""

from functools import cache, lru_cache

import numpy as np
from scipy import stats
from threadpoolctl import ThreadpoolController

from labbook.evaluate.statistics.intervals import NAN, ROUNDING
from labbook.evaluate.statistics.paired import difference
from labbook.streams import stream
from labbook.verdicts import FEWEST_SEEDS

ALL_FLIPS = 12  # seeds up to which every flip is tried: 4,096
DRAWN = 2048  # flips otherwise, each with its opposite
FEWEST_DRAWN = 512
WORK = 25_000_000  # flips times pairs, beyond which fewer flips are drawn: a fifth of a second
EVEN = 1e-9  # of two statistics that differ by less neither is larger


def none_better(values: np.ndarray, unknown: np.ndarray | None = None) -> np.ndarray:
    """Return p, shape (m,), of each combination: that no other one is better.

    `values` are (m, seeds), paired, larger is better, NaN where a run failed, which is worse than
    any number. Where `unknown`, of the same shape, is true a run has no such number without having
    failed: the seed says nothing there. NaN where fewer than six seeds decide nothing, or there is
    nothing to compare with. Small: some other is better; 1 where none has a better mean.
    """
    m, seeds = values.shape
    if m < 2 or seeds < FEWEST_SEEDS:
        return np.full(m, NAN)
    flips, p = _flips(seeds, _drawn(m)), np.empty(m)
    with _libraries().limit(limits=1):  # several threads wait for each other longer than they work
        for candidate, own in enumerate(values):
            ahead = difference(values, own)  # (m, seeds): of the others over the candidate
            if unknown is not None:
                ahead = np.where(unknown | unknown[candidate], NAN, ahead)
            p[candidate] = _chance_of_maximum(scores(ahead), flips)
    return p


@cache
def _libraries() -> ThreadpoolController:
    """Those that multiply matrices; to look for them each time takes longer than to multiply."""
    return ThreadpoolController()


def scores(differences: np.ndarray) -> np.ndarray:
    """What each seed adds to the statistic of a pair, shape (pairs, seeds), of unit length by pair.

    Differences over the root of their sum of squares, of whose sum Student's t is a function that
    rises. Where one is infinite, as a run failed, signed ranks in place of sizes: ties share
    theirs, zeros have ranks and no sign (Pratt 1959). NaN adds nothing.
    """
    found = np.nan_to_num(differences, nan=0.0, posinf=0.0, neginf=0.0)
    failed = np.isinf(differences).any(axis=1)
    if failed.any():
        found[failed] = _signed_ranks(differences[failed])
    largest = np.abs(found).max(axis=1, keepdims=True)
    found /= np.where(largest > 0, largest, 1)  # squares of huge numbers are none
    lengths = np.sqrt((found**2).sum(axis=1, keepdims=True))
    return np.asarray(found / np.where(lengths > 0, lengths, 1))


def _signed_ranks(differences: np.ndarray) -> np.ndarray:
    """Ranks of the sizes with signs, by row; equal up to rounding are ties, NaN has none."""
    sizes = np.abs(differences)
    largest = np.where(np.isfinite(sizes), sizes, 0).max(axis=1, keepdims=True)
    sizes = np.round(sizes / np.where(largest > 0, largest, 1) / ROUNDING)
    unknown = np.isnan(sizes)
    ranks = stats.rankdata(np.where(unknown, -1, sizes), axis=1)  # those unknown come first
    ranks -= unknown.sum(axis=1, keepdims=True)
    return np.where(unknown | (sizes == 0), 0.0, np.sign(differences) * ranks)


def _chance_of_maximum(pairs: np.ndarray, flips: np.ndarray) -> float:
    """Share of flips and their opposites in which the largest sum is at least the observed one.

    `pairs` are scores (m, seeds), `flips` signs (seeds, flips), the first of which flips nothing.
    """
    sums = pairs @ flips  # (m, flips)
    above, below = sums.max(axis=0), -sums.min(axis=0)
    least = above[0] - EVEN
    reached = np.concatenate([above, below]) >= least
    return float(reached.mean())


def _drawn(m: int) -> int:
    """How many flips are drawn for m combinations: fewer of very many, for time."""
    return int(np.clip(WORK // m**2, FEWEST_DRAWN, DRAWN))


@lru_cache(32)
def _flips(seeds: int, drawn: int) -> np.ndarray:
    """Signs (seeds, flips), without their opposites; all there are, or so many drawn.

    The first flips nothing: what was observed is one of the draws, so no p is 0.
    """
    if seeds <= ALL_FLIPS:
        numbers = np.arange(2 ** (seeds - 1))
        signs = 1.0 - 2 * ((numbers >> np.arange(seeds)[:, None]) & 1)
    else:
        bits = stream(0, "best set").integers(0, 2, (drawn, seeds))
        signs = 1.0 - 2 * bits.T
        signs[:, 0] = 1
    signs.flags.writeable = False
    return signs
