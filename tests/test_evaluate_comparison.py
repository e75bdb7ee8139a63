"""Paired comparisons against hand computations, other routes, and simulations."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from labbook.evaluate.comparison import compare
from labbook.evaluate.power import fresh_seeds, fresh_seeds_for_margin

NAN = float("nan")
FIRST = np.array([3.0, 5.1, 4.0, 6.2, 5.0, 4.4])
SECOND = FIRST - np.array([0.9, 1.4, 1.9, 1.6, 1.3, 1.1])


def test_paired_t_by_another_route():
    found = compare(FIRST, SECOND)
    differences = FIRST - SECOND
    t = differences.mean() / (differences.std(ddof=1) / math.sqrt(6))
    assert found.p == pytest.approx(2 * stats.t.sf(t, 5))
    interval = stats.ttest_rel(FIRST, SECOND).confidence_interval()
    assert (found.difference.low, found.difference.high) == pytest.approx(tuple(interval))
    assert (found.test, found.favours, found.pairs) == ("t", 1, 6)
    assert math.isnan(found.p_alike)


def test_equivalence_is_that_of_statsmodels():
    found = compare(FIRST, SECOND, margin=2.5)
    assert found.p_alike == pytest.approx(ttost_paired(FIRST, SECOND, -2.5, 2.5)[0])
    far = compare(FIRST + 5, SECOND, margin=2.5)
    expected = stats.ttest_1samp(FIRST + 5 - SECOND, 2.5, alternative="greater").pvalue
    assert far.p_beyond == pytest.approx(2 * expected)
    assert far.p_alike > 0.5


def test_doubtful_differences_must_show_it_by_their_signs_too():
    skewed = np.array([0.1, 0.2, -0.1, 0.15, 0.05, 9.0, 0.2, 0.1])  # seven up, one down
    found = compare(skewed, np.zeros(8))
    assert stats.shapiro(skewed).pvalue < 0.001
    assert found.test == "t and sign"
    by_signs, by_t = stats.binomtest(7, 8).pvalue, stats.ttest_1samp(skewed, 0).pvalue
    assert found.p == max(by_signs, by_t)
    torn = np.array([-0.1, -0.2, -0.1, -0.15, -0.05, 9.0, -0.2, -0.1])  # mean up, most down
    assert compare(torn, np.zeros(8)).p == 1


def test_failed_runs_are_judged_by_signs():
    finite, failed = np.arange(8.0), np.full(8, NAN)
    found = compare(finite, failed)
    assert (found.test, found.favours, found.failed_second) == ("sign", 1, 8)
    assert found.p == 2 * 0.5**8
    assert found.difference.n == 0
    other = compare(failed, finite)
    assert (other.favours, other.p) == (-1, found.p)
    mixed = compare(np.array([2, 3, NAN, NAN, 5.0, 3, 2]), np.array([1, NAN, 2, NAN, 1.0, 2, 1]))
    assert (mixed.wins, mixed.losses, mixed.pairs) == (5, 1, 6)  # both failed: left out
    assert mixed.p == pytest.approx(stats.binomtest(5, 6).pvalue)
    assert mixed.difference.n == 4


def test_few_pairs_decide_nothing():
    """Differences that happen to be alike are no certainty."""
    nothing = compare(np.full(6, NAN), np.full(6, NAN))
    assert (nothing.test, nothing.pairs) == ("none", 0)
    for n in (1, 2, 5):
        few = compare(np.arange(n) + 1.0 + 1e-9 * np.arange(n), np.arange(n) * 1.0, margin=9)
        assert (few.test, few.favours) == ("none", 0)
        assert np.isnan([few.p, few.p_alike]).all()
    assert fresh_seeds(nothing, 1) is None


def test_equal_differences_up_to_rounding_use_signs():
    base = np.array([0.1, 0.2, 0.3, 0.7, 1.1, 1.3])
    found = compare(base + 0.1, base, margin=0.2)
    assert found.test == "sign"
    assert found.p == 2 * 0.5**6
    assert found.p_alike == 0.5**6
    assert found.difference.low == found.difference.high == pytest.approx(0.1)
    same = compare(np.ones(6), np.ones(6), margin=0.1)
    assert (same.test, same.p, same.favours, same.p_alike) == ("sign", 1.0, 0, 0.5**6)


def test_fresh_seeds_by_the_noncentral_t():
    values = np.random.default_rng(4).normal(0.5, 1, 6)
    found = compare(values, np.zeros(6))
    more = fresh_seeds(found, tests=1)

    def power(n):
        t, shift = stats.t.isf(0.025, n - 1), abs(values.mean()) / values.std(ddof=1) * n**0.5
        return stats.nct.sf(t, n - 1, shift) + stats.nct.cdf(-t, n - 1, shift)

    assert more is not None
    assert power(6 + more) >= 0.8 > power(5 + more)
    assert fresh_seeds(found, tests=10) > more


def test_fresh_seeds_to_show_that_nothing_matters():
    values = np.tile([0.1, -0.1, 0.05, -0.06], 2)
    found = compare(values, np.zeros(8), margin=0.08)
    assert fresh_seeds(found, 1) == math.inf
    more = fresh_seeds(found, 1, margin=0.08)
    assert 1 <= more < 40
    draw = np.random.default_rng(1)
    made = draw.normal(values.mean(), values.std(ddof=1), (400, 8 + more))
    shown = [compare(one, 0 * one, margin=0.08).p_alike < 0.05 for one in made]
    assert 0.6 < np.mean(shown) < 0.97


def test_fresh_seeds_at_the_edges():
    assert fresh_seeds(compare(np.array([1.0]), np.array([2.0])), 1) is None
    assert fresh_seeds(compare(np.array([1.0, -1.0, 0.0]), np.zeros(3)), 1) == math.inf
    assert fresh_seeds(compare(np.ones(5), np.ones(5)), 1) == math.inf
    # always the same sign: 2 * 0.5 ** n < 0.05 from n = 6 on, so one more than 5
    assert fresh_seeds(compare(np.ones(5) + 1, np.ones(5)), 1) == 1
    assert fresh_seeds(compare(np.ones(5), np.full(5, NAN)), 1) == 1
    # so strong that the tail of the t distribution underflows
    assert fresh_seeds(compare(np.array([1e9, 1e9 + 1, 1e9]), np.zeros(3)), 1) == 1


@pytest.mark.parametrize("failing", [0.0, 0.3])
def test_false_findings_are_at_most_nominal(failing):
    draw = np.random.default_rng(21)

    def side(n):
        values = draw.normal(0, 1, (1500, n))
        return np.where(draw.random((1500, n)) < failing, NAN, values)

    p = [compare(a, b).p for a, b in zip(side(8), side(8), strict=True)]
    assert np.mean(np.array(p) < 0.05) <= 0.06  # nominal, and two deviations of 1,500 draws


def test_fresh_seeds_to_tell_a_difference_from_the_margin():
    """A difference just above the margin needs many, however clear it is of 0."""
    values = np.log(1.05) + 0.012 + 0.02 * np.array([-1.3, -1, -0.6, -0.2, 0.2, 0.6, 1, 1.3])
    found = compare(values, np.zeros(8), margin=np.log(1.05))
    assert found.p < 0.001
    assert found.p_beyond > 0.05
    more = fresh_seeds_for_margin(found, 1, np.log(1.05))
    assert 10 < more < 60
    draw = np.random.default_rng(3)
    made = draw.normal(values.mean(), values.std(ddof=1), (300, 8 + more))
    shown = [compare(one, 0 * one, np.log(1.05)).p_beyond < 0.05 for one in made]
    assert 0.65 < np.mean(shown) < 0.9


def test_pairs_that_say_nothing_do_not_count_as_wins():
    ties = compare(np.array([1.0, 0, 0, 0, 0, 0, 0, 0]), np.array([NAN, 0, 0, 0, 0, 0, 0, 0]))
    assert (ties.wins, ties.losses) == (1, 0)
    assert fresh_seeds(ties, 1) > 30  # one in eight decides: six of them are needed
