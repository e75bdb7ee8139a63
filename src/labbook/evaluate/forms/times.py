"""Claims about epochs to a goal that some runs did not reach."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from labbook.evaluate.censored import Censored, Times, factor_interval, tails
from labbook.evaluate.comparison import Comparison, compare_differences, weakest
from labbook.evaluate.finding import RATIO, Finding
from labbook.evaluate.location_tests import NO_TEST, RANKS
from labbook.evaluate.power import fresh_seeds
from labbook.evaluate.results import Results
from labbook.evaluate.sides import Side, margin, median_text, side_times
from labbook.evaluate.statistics import NAN
from labbook.verdicts import FEWEST_SEEDS


def compare_times(
    results: Results,
    first: Side,
    second: Side,
    given: float | None = None,
    at_least: float | None = None,
) -> Finding:
    """`first` reaches the goal in fewer epochs than `second`; by at least so much, if given.

    `given` is the margin, if not the usual one. That it holds by a factor is tested as if `first`
    had needed that many times as many epochs.
    """
    pairings, ratio = times_of(results, first, second), margin("epochs", given)[1]
    compared = [_compared(one, ratio) for one in pairings]
    beyond = [_compared(one, ratio, 1 + (at_least or 0)) for one in pairings]
    found, tested = weakest(compared), weakest(beyond)
    effect, low, high = factor_interval(pairings[_least_sure(beyond)])
    texts = (median_text(side_times(results, side)) for side in (first, second))
    return Finding(
        RATIO, effect, low, high, tested.pairs, tested.test, tested.p, tested.favours,
        " against ".join(texts), margin=ratio,
        p_alike=found.p_alike if at_least is None else NAN,
        needs=lambda tests: fresh_seeds(tested, tests), compared=found,
    )  # fmt: skip


def alike_times(results: Results, first: Side, second: Side, given: float | None = None) -> Finding:
    """The two sides differ by less than the margin; a difference beyond it speaks against."""
    found = compare_times(results, first, second, given)
    assert found.compared is not None
    return replace(found, p=found.compared.p_beyond, favours=-1)


def times_of(results: Results, first: Side, second: Side) -> list[Times]:
    """What has to show it: the times of each choice of one part per side.

    A side's combinations that reached the goal in all seeds are one part, by their geometric mean;
    each of the others is a part of its own, or one that never gets there would lose for all.
    """
    chosen = product(_parts(results, first), _parts(results, second))
    return [Times(one, other, (a, b)) for (one, a), (other, b) in chosen]


def _parts(results: Results, side: Side) -> list[tuple[Censored, float]]:
    whole = [label for label in side if side_times(results, [label]).reached.all()]
    parts = [[label] for label in side if label not in whole]
    return [
        (side_times(results, part), _budget(results, part))
        for part in ([whole, *parts] if whole else parts)
    ]


def _budget(results: Results, side: Side) -> float:
    budgets = [results.combination(label).recipe.training.epochs for label in side]
    return float(np.exp(np.mean(np.log(budgets))))


def _compared(times: Times, ratio: float, factor: float = 1.0) -> Comparison:
    """The comparison with `first` slowed down by `factor`; the margin is a factor of `ratio`."""
    differences = times.differences(factor)
    found = compare_differences(differences)
    if len(found.differences) < FEWEST_SEEDS:
        return replace(found, test=NO_TEST, p=NAN, favours=0)
    greater, less = tails(differences)
    slower, faster = (tails(times.differences(one)) for one in (ratio, 1 / ratio))
    return replace(
        found, test=RANKS, p=_two_sided(greater, less), favours=int(np.sign(less - greater)),
        p_alike=max(slower[1], faster[0]), p_beyond=_two_sided(slower[0], faster[1]),
    )  # fmt: skip


def _two_sided(*tails: float) -> float:
    return min(1.0, 2 * min(tails))


def _least_sure(compared: Sequence[Comparison]) -> int:
    return int(np.argmax([one.p if one.p == one.p else 2.0 for one in compared]))
