"""Claims about epochs to a goal that some runs did not reach."""

from dataclasses import replace

import numpy as np

from labbook.evaluate.censored import Times, factor_interval, tails
from labbook.evaluate.comparison import Comparison, compare_differences
from labbook.evaluate.finding import NO_TEST, RATIO, Finding
from labbook.evaluate.power import fresh_seeds
from labbook.evaluate.results import Results
from labbook.evaluate.sides import Side, margin, median_text, side_times
from labbook.evaluate.statistics import NAN
from labbook.verdicts import FEWEST_SEEDS

SIGNED_RANK = "signed-rank"


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
    times = times_of(results, first, second)
    ratio = margin("epochs", given)[1]
    found = _found(times, times.differences(), ratio)
    if at_least is not None:
        beyond = _found(times, times.differences(1 + at_least), ratio)
        found = replace(beyond, p_alike=NAN, compared=found.compared)
    effect, low, high = factor_interval(times)
    texts = f"{median_text(times.first)} against {median_text(times.second)}"
    return replace(found, effect=effect, low=low, high=high, ours=texts)


def alike_times(results: Results, first: Side, second: Side, given: float | None = None) -> Finding:
    """The two sides differ by less than the margin; a difference beyond it speaks against."""
    found = compare_times(results, first, second, given)
    compared = found.compared
    assert compared is not None
    return replace(found, p=compared.p_beyond, favours=-1)


def times_of(results: Results, first: Side, second: Side) -> Times:
    """Both sides' epochs and budgets; of several combinations their geometric mean."""
    budgets = (_budget(results, first), _budget(results, second))
    return Times(side_times(results, first), side_times(results, second), budgets)


def _found(times: Times, differences: np.ndarray, ratio: float) -> Finding:
    """The finding of these differences without its effect; the margin is a factor of `ratio`."""
    n, (greater, less) = int((~np.isnan(differences)).sum()), tails(differences)
    compared = replace(compare_differences(differences), test=NO_TEST, p=NAN, favours=0)
    if n < FEWEST_SEEDS:
        return _finding(compared, n, ratio)
    slower, faster = (tails(times.differences(one)) for one in (ratio, 1 / ratio))
    tested = replace(
        compared, test=SIGNED_RANK, p=_two_sided(greater, less),
        favours=int(np.sign(less - greater)), p_alike=max(slower[1], faster[0]),
        p_beyond=_two_sided(slower[0], faster[1]),
    )  # fmt: skip
    return _finding(tested, n, ratio)


def _two_sided(*p: float) -> float:
    return min(1.0, 2 * min(p))


def _finding(compared: Comparison, n: int, ratio: float) -> Finding:
    return Finding(
        RATIO, NAN, NAN, NAN, n, compared.test, compared.p, compared.favours, ours="",
        margin=ratio, p_alike=compared.p_alike,
        needs=lambda tests: fresh_seeds(compared, tests), compared=compared,
    )  # fmt: skip


def _budget(results: Results, side: Side) -> float:
    budgets = [results.combination(label).recipe.training.epochs for label in side]
    return float(np.exp(np.mean(np.log(budgets))))
