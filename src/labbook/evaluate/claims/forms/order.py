"""Claims that several combinations stand in an order, and what makes an order hold.

A claimed order is as good as its neighbours: each pair must hold, a reversed one breaks it. That
all hold is an intersection-union test (Berger 1982), of which the largest p counts as it is: a
false word needs an error about a pair that does not hold, and one such is enough to prevent it. Any
of the pairs may break an order, so there, and where some hold only, Holm's method corrects.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import stats

from labbook.evaluate.claims.better_members import better_members
from labbook.evaluate.claims.forms.better import compare
from labbook.evaluate.claims.forms.times import compare_times
from labbook.evaluate.claims.outcome import CORRELATION, Outcome, Pair
from labbook.evaluate.claims.side_figures import middle
from labbook.evaluate.claims.sides import Side, has_goal, same_numbers, sides_of
from labbook.evaluate.statistics.intervals import LEVEL, NAN, holm, mean_interval
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import ALIKE, ALPHA, FEWEST_SEEDS, SAME
from labbook.wording import p_value

PAIRS = "pairs"  # the name of the test
HOLDS, REVERSED, OPEN = "holds", "the other way round", "not told apart"  # what a pair shows
SHOWN = (HOLDS, REVERSED, ALIKE, SAME, OPEN)


def order(results: StudyRuns, claim: ClaimPlan, level: float = LEVEL) -> Outcome:
    """Each side is better than the next: all neighbouring pairs hold.

    The effect is Spearman's correlation of claimed and found ranks, mean over seeds.
    """
    sides = sides_of(results, claim)
    goal = has_goal(*sides)
    compared, pairs, exceptions = [], [], []
    names = [
        side.name if len(side.labels) == 1 else f"place {number} ({side.name})"
        for number, side in enumerate(sides, 1)
    ]
    for (first, second), named in zip(pairwise(sides), pairwise(names), strict=True):
        # By times in all pairs or in none, even where the two of a pair all got there.
        one = (compare_times if goal else compare)(first, second, claim.block.margin, level=level)
        same = same_numbers(first, second)
        compared.append(one)
        pairs.append(Pair(*named, one.p, one.favours, one.p_alike, one.relevant, same))
        exceptions.append(better_members(first, second, named[0]))
    return replace(
        in_order(trend_of(_values(sides, goal), level), pairs, level),
        ours="; ".join(side.text(goal) for side in sides), middle=middle(claim.metric, goal),
        exceptions="; ".join(filter(None, exceptions)),
        needs=lambda tests: _needs(compared, tests),
        by_seed=tuple(
            replace(by_seed, pair=number)
            for number, one in enumerate(compared, 1)
            for by_seed in one.by_seed
        ),
    )  # fmt: skip


def _needs(compared: Sequence[Outcome], tests: int) -> float | None:
    """Seeds that would show one pair reversed, if one looks so, else those that show all pairs."""
    reversed_pairs = [one.needs(tests * len(compared)) for one in compared if one.favours < 0]
    needed = reversed_pairs or [one.needs(tests) for one in compared]
    numbers = [one for one in needed if one is not None]
    if len(numbers) < len(needed):
        return None
    return min(numbers) if reversed_pairs else max(numbers, default=math.inf)


def _values(sides: Sequence[Side], goal: bool) -> np.ndarray:
    """Values (seeds, sides), larger is better; NaN where a run failed."""
    if not goal:
        return np.array([side.values for side in sides]).T
    times = [side.times for side in sides]
    return np.array([np.where(one.reached, -np.log(one.epochs), np.nan) for one in times]).T


def in_order(trend: Outcome, pairs: Sequence[Pair], level: float = LEVEL) -> Outcome:
    """The outcome of an order: `trend` with the verdict of its `pairs`, not yet corrected.

    It holds as surely as the least sure pair, and is broken as surely as the surest pair that is
    reversed, corrected; alike are two neighbours as surely as the surest pair, corrected. At a look
    that has a share of the level, all pairs hold only where they do at that share.
    """
    holds = max(one.p if one.favours > 0 and one.p == one.p else 1.0 for one in pairs)
    p = holm(np.array([one.p for one in pairs])).tolist()
    p_alike = holm(np.array([one.p_alike for one in pairs])).tolist()
    if holds < round(1 - level, 12):  # of a whole level that is ALPHA
        p = [one.p for one in pairs]
    pairs = tuple(replace(one, p=a, p_alike=b) for one, a, b in zip(pairs, p, p_alike, strict=True))
    broken = min((one.p for one in pairs if one.favours < 0 and one.p == one.p), default=1.0)
    alike = min((one.p_alike for one in pairs if one.p_alike == one.p_alike), default=NAN)
    outcome = replace(trend, pairs=pairs, p_alike=alike)
    if all(one.p != one.p for one in pairs):
        return outcome
    favours = 1 if holds <= broken else -1
    same = any(one.same for one in pairs)
    return replace(outcome, test=PAIRS, p=min(holds, broken), favours=favours, same=same)


def pairs_text(pairs: Sequence[Pair]) -> str:
    """`holds: a over b (p = 0.01); not told apart: b over c`, by the p of the pairs."""
    texts: dict[str, list[str]] = {}
    for pair in pairs:
        text = f"{pair.first} over {pair.second}"
        if pair.same:
            shown, p = SAME, NAN
        elif pair.p_alike < ALPHA:
            shown, p = ALIKE, pair.p_alike
        elif pair.p < ALPHA:
            shown, p = HOLDS if pair.favours > 0 else REVERSED, pair.p
        else:
            shown, p = OPEN, NAN
        texts.setdefault(shown, []).append(f"{text} (p {p_value(p)})" if p == p else text)
    return "; ".join(f"{shown}: {', '.join(texts[shown])}" for shown in SHOWN if shown in texts)


def trend_of(values: np.ndarray, level: float = LEVEL) -> Outcome:
    """How ranks follow the claimed order: values (seeds, places), larger is better, best first.

    The effect is Spearman's correlation of claimed and found ranks, mean over seeds; `p_trend` is
    Page's (1963), two-sided, 1 where the ranks go the other way. A failed run ranks last; a seed
    without any number says nothing.
    """
    told = values[~np.isnan(values).all(axis=1)]
    lowest = np.nan_to_num(told, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    ranks = np.array([stats.rankdata(-row) for row in lowest]).reshape(told.shape)  # best first
    claimed = np.arange(1, values.shape[1] + 1)
    rho = np.array([np.corrcoef(claimed, row)[0, 1] if np.ptp(row) else 0.0 for row in ranks])
    effect = mean_interval(rho, level)
    p = NAN
    if len(ranks) >= FEWEST_SEEDS and len(claimed) > 2:  # of two there is no trend but their order
        p = min(1.0, 2 * float(stats.page_trend_test(ranks).pvalue))
    low, high = np.clip([effect.low, effect.high], -1, 1).tolist()
    return Outcome(CORRELATION, effect.mean, low, high, len(ranks), p_trend=p)
