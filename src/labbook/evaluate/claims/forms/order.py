"""Claims that several combinations stand in an order."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from labbook.evaluate.claims.exceptions import exceptions
from labbook.evaluate.claims.forms.differences import compare_metric
from labbook.evaluate.claims.forms.neighbours import in_order, trend_of
from labbook.evaluate.claims.forms.times import compare_times
from labbook.evaluate.claims.outcome import Outcome, Pair
from labbook.evaluate.claims.sides import (
    Side,
    has_goal,
    middle,
    same_numbers,
    side_name,
    side_text,
    side_times,
    side_values,
)
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan


def order(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """Each side is better than the next: all neighbouring pairs hold.

    The effect is Spearman's correlation of claimed and found ranks, mean over seeds.
    """
    metric, sides = claim.metric, claim.sides
    goal = has_goal(results, metric, *sides)
    compared = [
        compare_times(results, *two, claim.block.margin)
        if goal
        else compare_metric(results, metric, *two, claim.block.margin)
        for two in pairwise(sides)
    ]
    names = [_place(number, side) for number, side in enumerate(sides, 1)]
    pairs = [
        _pair(two, one, same_numbers(results, metric, *of))
        for two, of, one in zip(pairwise(names), pairwise(sides), compared, strict=True)
    ]
    found = in_order(trend_of(_values(results, metric, sides, goal)), pairs)
    texts = [side_text(results, metric, side, goal) for side in sides]
    told = [
        exceptions(results, metric, *two, name)
        for two, name in zip(pairwise(sides), names[:-1], strict=True)
    ]
    return replace(
        found, ours="; ".join(texts), middle=middle(metric, goal),
        exceptions="; ".join(filter(None, told)),
        needs=lambda tests: _needs(compared, tests),
    )  # fmt: skip


def _place(number: int, side: Side) -> str:
    """What a place of the order is called."""
    name = side_name(side)
    return name if len(side) == 1 else f"place {number} ({name})"


def _pair(names: tuple[str, str], found: Outcome, same: bool) -> Pair:
    return Pair(*names, found.p, found.favours, found.p_alike, found.relevant, same)


def _needs(compared: Sequence[Outcome], tests: int) -> float | None:
    """Seeds that would show one pair reversed, if one looks so, else those that show all pairs."""
    against = [one.needs(tests * len(compared)) for one in compared if one.favours < 0]
    needed = against or [one.needs(tests) for one in compared]
    known = [one for one in needed if one is not None]
    if len(known) < len(needed):
        return None
    return min(known) if against else max(known, default=math.inf)


def _values(results: StudyRuns, metric: str, sides: Sequence[Side], goal: bool) -> np.ndarray:
    """Values (seeds, sides), larger is better; NaN where a run failed."""
    if not goal:
        return np.array([side_values(results, metric, side) for side in sides]).T
    times = [side_times(results, side) for side in sides]
    return np.array([np.where(one.reached, -np.log(one.epochs), np.nan) for one in times]).T
