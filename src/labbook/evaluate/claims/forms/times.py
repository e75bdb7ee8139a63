"""Comparisons by epochs to a goal that some runs did not reach."""

from dataclasses import replace
from itertools import product

import numpy as np

from labbook.evaluate.claims.by_seed import BySeed
from labbook.evaluate.claims.outcome import RATIO, Outcome
from labbook.evaluate.claims.side_figures import margin, middle
from labbook.evaluate.claims.sides import Side, against
from labbook.evaluate.statistics.censored import Times, factor_interval, tails
from labbook.evaluate.statistics.intervals import LEVEL, NAN
from labbook.evaluate.statistics.location_tests import NO_TEST, RANKS
from labbook.evaluate.statistics.paired import Comparison, compare_differences, least_sure, weakest
from labbook.evaluate.statistics.power import fresh_seeds
from labbook.verdicts import FEWEST_SEEDS


def compare_times(
    first: Side,
    second: Side,
    given: float | None = None,
    at_least: float | None = None,
    level: float = LEVEL,
) -> Outcome:
    """`first` reaches the goal in fewer epochs than `second`; by at least so much, if given.

    `given` is the margin, if not the usual one, `level` that of the interval. That it holds by a
    factor is tested as if `first` had needed that many times as many epochs. It must hold for each
    choice of one part per side: a side's combinations that reached the goal in all seeds are one
    part, by their geometric mean; each of the others is a part of its own, or one that never gets
    there would lose for all.
    """
    ratio = margin("epochs", given)[1]
    choices = list(product(first.parts(goal=True), second.parts(goal=True)))
    times = [Times(one.times, other.times, (one.budget, other.budget)) for one, other in choices]
    compared = [_compared(one, ratio) for one in times]
    if len(choices) > 1:
        names = [(one.name, other.name) for one, other in choices]
        compared = [replace(c, parts=parts) for c, parts in zip(compared, names, strict=True)]
    beyond = [_compared(one, ratio, 1 + (at_least or 0)) for one in times]
    place = least_sure(beyond)
    shown, tested = weakest(compared, place), weakest(beyond)
    intervals = [factor_interval(one, level) for one in times]
    return Outcome(
        RATIO, *intervals[place], tested.pairs, tested.test, tested.p, tested.favours,
        against(first, second, goal=True),
        margin=ratio if at_least is None else NAN,
        p_alike=shown.p_alike if at_least is None else NAN,
        needs=lambda tests: fresh_seeds(tested, tests), compared=shown,
        relevant=all(low > ratio for _, low, _ in intervals), middle=middle("epochs", goal=True),
        by_seed=tuple(
            _by_seed(*sides, one, ratio if at_least is None else 1 + at_least)
            for sides, one in zip(choices, times, strict=True)
        ),
    )  # fmt: skip


def _by_seed(first: Side, second: Side, times: Times, bound: float) -> BySeed:
    one, other = (np.where(t.reached, t.epochs, np.nan) for t in (times.first, times.second))
    return BySeed(
        (first.name, second.name), one, other, times.differences(), bound,
        test=RANKS, budgets=times.budgets,
    )  # fmt: skip


def _compared(times: Times, ratio: float, factor: float = 1.0) -> Comparison:
    """The comparison with `first` slowed down by `factor`; the margin is a factor of `ratio`."""
    differences = times.differences(factor)
    compared = compare_differences(differences)
    if len(compared.differences) < FEWEST_SEEDS:
        return replace(compared, test=NO_TEST, p=NAN, favours=0)
    greater, less = tails(differences)
    slower, faster = (tails(times.differences(one)) for one in (ratio, 1 / ratio))
    return replace(
        compared, test=RANKS, p=_two_sided(greater, less), favours=int(np.sign(less - greater)),
        p_alike=max(slower[1], faster[0]), p_beyond=_two_sided(slower[0], faster[1]),
    )  # fmt: skip


def _two_sided(*tails: float) -> float:
    return min(1.0, 2 * min(tails))
