"""A claimed order is as good as its neighbours: each pair must hold, a reversed one breaks it.

That all hold is an intersection-union test (Berger 1982), of which the largest p counts as it is: a
false word needs an error about a pair that does not hold, and one such is enough to prevent it. Any
of the pairs may break an order, so there, and where some hold only, Holm's method corrects.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from labbook.evaluate.claims.outcome import CORRELATION, NO_TEST, Outcome, Pair
from labbook.evaluate.statistics.intervals import NAN, holm, mean_interval
from labbook.verdicts import ALIKE, ALPHA, FEWEST_SEEDS, SAME
from labbook.wording import p_value

PAIRS = "pairs"  # the name of the test
HOLDS, REVERSED, OPEN = "holds", "the other way round", "not told apart"  # what a pair shows
SHOWN = (HOLDS, REVERSED, ALIKE, SAME, OPEN)


def corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs with their p corrected, of differences and, as a family of its own, of likeness."""
    p, alike = (
        holm(np.array([getattr(one, name) for one in pairs])).tolist() for name in ("p", "p_alike")
    )
    return tuple(replace(one, p=a, p_alike=b) for one, a, b in zip(pairs, p, alike, strict=True))


def in_order(trend: Outcome, pairs: Sequence[Pair]) -> Outcome:
    """The finding of an order: `trend` with the verdict of its `pairs`, not yet corrected.

    It holds as surely as the least sure pair, and is broken as surely as the surest pair that is
    reversed, corrected; alike are two neighbours as surely as the surest pair, corrected.
    """
    holds = max(one.p if one.favours > 0 and one.p == one.p else 1.0 for one in pairs)
    alone, pairs = pairs, corrected(pairs)
    if holds < ALPHA:
        pairs = tuple(replace(b, p=a.p) for a, b in zip(alone, pairs, strict=True))
    broken = min((one.p for one in pairs if one.favours < 0 and one.p == one.p), default=1.0)
    alike = [one.p_alike for one in pairs if one.p_alike == one.p_alike]
    found = replace(trend, pairs=pairs, p_alike=min(alike, default=NAN))
    if all(one.p != one.p for one in pairs):
        return replace(found, test=NO_TEST, p=NAN, favours=0)
    favours = 1 if holds <= broken else -1
    same = any(one.same for one in pairs)
    return replace(found, test=PAIRS, p=min(holds, broken), favours=favours, same=same)


def pairs_text(pairs: Sequence[Pair]) -> str:
    """`holds: a over b (p = 0.01); not told apart: b over c`, by the p of the pairs."""
    found: dict[str, list[str]] = {}
    for one in pairs:
        shown, p = _shown(one)
        text = f"{one.first} over {one.second}"
        found.setdefault(shown, []).append(f"{text} (p {p_value(p)})" if p == p else text)
    return "; ".join(f"{shown}: {', '.join(found[shown])}" for shown in SHOWN if shown in found)


def _shown(pair: Pair) -> tuple[str, float]:
    """One of SHOWN, and the p that shows it."""
    if pair.same:
        return SAME, NAN
    if pair.p_alike < ALPHA:
        return ALIKE, pair.p_alike
    if pair.p < ALPHA:
        return (HOLDS if pair.favours > 0 else REVERSED), pair.p
    return OPEN, NAN


def trend_of(values: np.ndarray) -> Outcome:
    """How ranks follow the claimed order: values (seeds, places), larger is better, best first.

    The effect is Spearman's correlation of claimed and found ranks, mean over seeds; `p_trend` is
    Page's (1963), two-sided, 1 where the ranks go the other way. A failed run ranks last; a seed
    without any number says nothing.
    """
    ranks = _ranks(values)
    claimed = np.arange(1, values.shape[1] + 1)
    rho = np.array([np.corrcoef(claimed, row)[0, 1] if np.ptp(row) else 0.0 for row in ranks])
    effect = mean_interval(rho)
    p = NAN
    if len(ranks) >= FEWEST_SEEDS and len(claimed) > 2:  # of two there is no trend but their order
        p = min(1.0, 2 * float(stats.page_trend_test(ranks).pvalue))
    low, high = np.clip([effect.low, effect.high], -1, 1).tolist()
    return Outcome(
        CORRELATION, effect.mean, low, high, len(ranks), NO_TEST, NAN, 0, ours="", p_trend=p
    )


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks within seeds, best first, (seeds, places) to the same without seeds of no number."""
    known = values[~np.isnan(values).all(axis=1)]
    lowest = np.nan_to_num(known, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    return np.array([stats.rankdata(-row) for row in lowest]).reshape(known.shape)
