"""Claims that several combinations stand in an order."""

from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.comparison import compare
from labbook.evaluate.finding import CORRELATION, NO_TEST, Finding
from labbook.evaluate.power import fresh_seeds
from labbook.evaluate.results import Results
from labbook.evaluate.sides import side_text, side_values
from labbook.evaluate.statistics import NAN, mean_interval
from labbook.plan import ClaimPlan
from labbook.verdicts import FEWEST_SEEDS


def order(results: Results, claim: ClaimPlan) -> Finding:
    """Page's (1963) test that ranks follow the claimed order, best first; two-sided.

    The effect is Spearman's correlation of claimed and found ranks, mean over seeds. A failed run
    ranks last; a seed without any number says nothing.
    """
    values = [side_values(results, claim.metric, side) for side in claim.sides]
    texts = (side_text(results, claim.metric, side) for side in claim.sides)
    return replace(order_of(np.array(values).T), ours="; ".join(texts))


def order_of(values: np.ndarray) -> Finding:
    """The same of values (seeds, places), larger is better."""
    ranks = _ranks(values)
    claimed = np.arange(1, values.shape[1] + 1)
    rho = np.array([np.corrcoef(claimed, row)[0, 1] if np.ptp(row) else 0.0 for row in ranks])
    effect, enough = mean_interval(rho), len(ranks) >= FEWEST_SEEDS
    p = NAN
    if enough:
        tails = [stats.page_trend_test(one).pvalue for one in (ranks, ranks[:, ::-1])]
        p = min(1.0, 2 * min(tails))
    low, high = np.clip([effect.low, effect.high], -1, 1).tolist()
    signs = compare(rho, np.zeros(len(rho)))
    return Finding(
        CORRELATION, effect.mean, low, high, len(ranks), "Page" if enough else NO_TEST, p,
        int(np.sign(np.nan_to_num(effect.mean))), ours="",
        needs=lambda tests: fresh_seeds(signs, tests),
    )  # fmt: skip


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks within seeds, best first, (seeds, places) to the same without seeds of no number."""
    known = values[np.isfinite(values).any(axis=1)]
    return np.array([stats.rankdata(-row) for row in np.nan_to_num(known, nan=-np.inf)])
