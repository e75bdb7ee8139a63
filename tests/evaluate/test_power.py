"""How many fresh seeds would decide: against the noncentral t, simulations, and at the edges."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.statistics.paired import compare, compare_differences
from labbook.evaluate.statistics.power import MOST_SEEDS, fresh_seeds
from labbook.verdicts import ALPHA

NAN = float("nan")


def test_fresh_seeds_by_the_noncentral_t():
    values = np.random.default_rng(4).normal(0.5, 1, 6)
    found = compare(values, np.zeros(6))
    fresh = fresh_seeds(found, tests=1)

    def power(n):
        t, shift = stats.t.isf(0.025, n - 1), abs(values.mean()) / values.std(ddof=1) * n**0.5
        return stats.nct.sf(t, n - 1, shift) + stats.nct.cdf(-t, n - 1, shift)

    assert fresh is not None
    assert power(fresh) >= 0.8 > power(fresh - 1)
    assert fresh_seeds(found, tests=10) > fresh


def test_fresh_seeds_to_show_that_nothing_matters():
    values = np.tile([0.1, -0.1, 0.05, -0.06], 2)
    found = compare(values, np.zeros(8), margin=0.08)
    assert fresh_seeds(found, 1) == math.inf
    fresh = fresh_seeds(found, 1, margin=0.08)
    assert 6 <= fresh < 40
    draw = np.random.default_rng(1)
    made = draw.normal(values.mean(), values.std(ddof=1), (400, fresh))
    shown = [compare(one, 0 * one, margin=0.08).p_alike < 0.05 for one in made]
    assert 0.65 < np.mean(shown) < 0.9


def test_fresh_seeds_at_the_edges():
    assert fresh_seeds(compare(np.array([1.0]), np.array([2.0])), 1) is None
    assert fresh_seeds(compare(np.array([1.0, -1.0, 0.0]), np.zeros(3)), 1) == math.inf
    assert fresh_seeds(compare(np.ones(5), np.ones(5)), 1) == math.inf
    # always the same sign: 2 * 0.5 ** n < 0.05 from n = 6 on, < 0.005 from n = 9 on
    for all_won in (compare(np.ones(5) + 1, np.ones(5)), compare(np.ones(5), np.full(5, NAN))):
        assert (fresh_seeds(all_won, 1), fresh_seeds(all_won, 10)) == (6, 9)
    # so strong that the tail of the t distribution underflows
    assert fresh_seeds(compare(np.array([1e9, 1e9 + 1, 1e9]), np.zeros(3)), 1) == 6


def test_seeds_that_were_looked_at_do_not_count():
    """Twice as many old seeds of the same effect and spread ask for about as many fresh ones."""
    values = np.array([0.9, -0.6, 0.2, 1.1, -0.1, 0.6, 0.3, -0.4])
    once, twice = (compare(np.tile(values, n), np.zeros(8 * n)) for n in (1, 2))
    assert 20 < fresh_seeds(once, 1) < 60
    assert fresh_seeds(twice, 1) == pytest.approx(fresh_seeds(once, 1), abs=3)


def test_equal_differences_decide_by_their_number():
    """Signs are all that can be counted: 2 / 2^6 for an effect, 1 / 2^5 for being alike."""
    found = compare(np.full(8, 0.1), np.zeros(8))
    assert fresh_seeds(found, 1, margin=0.2) == 6
    assert fresh_seeds(found, 1, 0.2, 0.2) == 6
    assert fresh_seeds(found, 1, 0.1, 0.1) == math.inf
    same = compare(np.ones(8), np.ones(8))
    assert (fresh_seeds(same, 1), fresh_seeds(same, 1, margin=0.01)) == (math.inf, 6)


def test_fresh_seeds_to_tell_a_difference_from_the_margin():
    """A difference just above the margin needs many, however clear it is of 0."""
    values = np.log(1.05) + 0.012 + 0.02 * np.array([-1.3, -1, -0.6, -0.2, 0.2, 0.6, 1, 1.3])
    found = compare(values, np.zeros(8), margin=np.log(1.05))
    assert found.p < 0.001
    assert found.p_beyond > 0.05
    fresh = fresh_seeds(found, 1, np.log(1.05), np.log(1.05))
    assert 10 < fresh < 60
    draw = np.random.default_rng(3)
    made = draw.normal(values.mean(), values.std(ddof=1), (300, fresh))
    shown = [compare(one, 0 * one, np.log(1.05)).p_beyond < 0.05 for one in made]
    assert 0.65 < np.mean(shown) < 0.9


def test_pairs_that_say_nothing_do_not_count_as_wins():
    ties = compare(np.array([1.0, 0, 0, 0, 0, 0, 0, 0]), np.array([NAN, 0, 0, 0, 0, 0, 0, 0]))
    assert (ties.wins, ties.losses) == (1, 0)
    assert fresh_seeds(ties, 1) > 30  # one in eight decides: six of them are needed


@pytest.mark.parametrize(
    "values",
    [
        [0.4, 0.1, -0.2, 0.5, 0.3, 0.2, -0.1, 0.6, -math.inf, 0.35],
        [math.inf, 0.1, -0.2, 0.05, 0.3, 0.2, -0.1, 0.6, math.inf, 0.35, -0.3, 0.25],
    ],
)
def test_fresh_seeds_with_failed_runs_by_simulation(values):
    found = compare_differences(np.array(values))
    fresh = fresh_seeds(found, 1)
    assert 6 < fresh < MOST_SEEDS
    draw = np.random.default_rng(7)
    # a little noise, so that the made seeds are no ties
    made = draw.choice(values, (400, fresh)) + draw.normal(0, 0.01, (400, fresh))
    shown = [compare_differences(one).p < 0.05 for one in made]
    assert 0.7 < np.mean(shown) < 0.9


def test_fresh_seeds_to_show_likeness_though_runs_failed():
    values = np.array([0.004, -0.003, 0.002, -0.001, 0.003, -0.002, 0.001, -math.inf])
    found = compare_differences(values, margin=0.05)
    assert found.p_alike > 0.05
    fresh = fresh_seeds(found, 1, 0.05, 0.05)
    assert fresh == fresh_seeds(found, 1, 0.05)
    draw = np.random.default_rng(8)
    made = draw.choice(values, (400, fresh)) + draw.normal(0, 1e-4, (400, fresh))
    shown = [compare_differences(one, 0.05).p_alike < 0.05 for one in made]
    assert 0.7 < np.mean(shown) < 0.95


def test_skewed_differences_need_more_seeds_than_their_mean_and_spread_say():
    """One straggler: by Student's t six would do, and eight have not decided."""
    skewed = np.array([0.10, 0.11, 0.10, 0.09, 0.105, 0.10, 0.10, 0.01])
    found = compare(skewed, np.zeros(8))
    assert (found.test, found.p > ALPHA) == ("t and sign", True)
    assert fresh_seeds(replace(found, test="t"), 1) == 6
    assert fresh_seeds(found, 1) > 8
