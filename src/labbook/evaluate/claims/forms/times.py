"""Claims about epochs to a goal that some runs did not reach."""

from dataclasses import replace
from itertools import product

import numpy as np

from labbook.evaluate.claims.outcome import RATIO, Outcome
from labbook.evaluate.claims.sides import (
    Side,
    against,
    divided,
    margin,
    middle,
    side_name,
    side_times,
)
from labbook.evaluate.statistics.censored import Times, factor_interval, tails
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.statistics.location_tests import NO_TEST, RANKS
from labbook.evaluate.statistics.paired import Comparison, compare_differences, least_sure, weakest
from labbook.evaluate.statistics.power import fresh_seeds
from labbook.evaluate.study_runs import StudyRuns
from labbook.verdicts import FEWEST_SEEDS


def compare_times(
    results: StudyRuns,
    first: Side,
    second: Side,
    given: float | None = None,
    at_least: float | None = None,
) -> Outcome:
    """`first` reaches the goal in fewer epochs than `second`; by at least so much, if given.

    `given` is the margin, if not the usual one. That it holds by a factor is tested as if `first`
    had needed that many times as many epochs.
    """
    named, ratio = times_of(results, first, second), margin("epochs", given)[1]
    pairings = [times for _, times in named]
    compared = [replace(_compared(one, ratio), parts=parts) for parts, one in named]
    beyond = [_compared(one, ratio, 1 + (at_least or 0)) for one in pairings]
    place = least_sure(beyond)
    found, tested = weakest(compared, place), weakest(beyond)
    intervals = [factor_interval(one) for one in pairings]
    found_text = against(results, "epochs", (first, second), goal=True)
    return Outcome(
        RATIO, *intervals[place], tested.pairs, tested.test, tested.p, tested.favours, found_text,
        margin=ratio if at_least is None else NAN,
        p_alike=found.p_alike if at_least is None else NAN,
        needs=lambda tests: fresh_seeds(tested, tests), compared=found,
        relevant=all(low > ratio for _, low, _ in intervals), middle=middle("epochs", goal=True),
    )  # fmt: skip


def alike_times(
    results: StudyRuns, first: Side, second: Side, given: float | None = None
) -> Outcome:
    """The two sides differ by less than the margin; a difference beyond it speaks against."""
    found = compare_times(results, first, second, given)
    assert found.compared is not None
    return replace(found, p=found.compared.p_beyond, favours=-1)


def times_of(results: StudyRuns, first: Side, second: Side) -> list[tuple[tuple[str, ...], Times]]:
    """What has to show it: the times of each choice of one part per side, and the parts' names.

    A side's combinations that reached the goal in all seeds are one part, by their geometric mean;
    each of the others is a part of its own, or one that never gets there would lose for all. Names
    only where a side has several parts.
    """
    found: list[tuple[tuple[str, ...], Times]] = []
    chosen = list(product(_parts(results, first), _parts(results, second)))
    for one, other in chosen:
        names = (side_name(one), side_name(other)) if len(chosen) > 1 else ()
        budgets = _budget(results, one), _budget(results, other)
        times = Times(side_times(results, one), side_times(results, other), budgets)
        found.append((names, times))
    return found


def _parts(results: StudyRuns, side: Side) -> list[Side]:
    return divided(side, [bool(side_times(results, [one]).reached.all()) for one in side])


def _budget(results: StudyRuns, side: Side) -> float:
    budgets = [results.combinations[label].recipe.training.epochs for label in side]
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
