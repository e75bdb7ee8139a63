"""The signed-rank test and its interval against SciPy, a textbook, and each other."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from labbook.evaluate.statistics.ranks import critical_sums, location, rank_balance, signed_rank

INF = float("inf")
# Hamilton's depression scale before and after therapy (Hollander and Wolfe 1999, table 3.1).
BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
few = st.sampled_from([-INF, -2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 3.0, INF])
values_with_ties = st.lists(few, min_size=1, max_size=13).map(np.array)


def test_the_textbook_example():
    """R's wilcox.test(before, after, paired = TRUE, conf.int = TRUE) says the same."""
    assert signed_rank(BEFORE - AFTER) == pytest.approx(0.01953125)
    assert location(BEFORE - AFTER) == pytest.approx((0.46, 0.010, 0.786))


@given(values_with_ties)
def test_with_ties_zeros_and_infinities_it_is_the_exact_permutation_test(values):
    size = np.abs(values)
    ranks = stats.rankdata(size)
    found = ranks[values > 0].sum()
    free = ranks[values != 0]
    sums = np.array(list(itertools.product([0, 1], repeat=len(free)))) @ free
    assert signed_rank(values) == pytest.approx(np.mean(sums >= found - 1e-9))


@pytest.mark.parametrize("n", [6, 8, 14, 30, 50])
def test_without_ties_it_is_scipys(n):
    values = np.random.default_rng(n).normal(0.2, 1, n)
    expected = stats.wilcoxon(values, alternative="greater", method="exact").pvalue
    assert signed_rank(values) == pytest.approx(expected)


def test_more_ties_than_scipys_exact_test_allows():
    values = np.array([1, 1, 2, 2, 0, 0, -1, 3, 4, -2, 5, 5, 6, -6.0])
    every = stats.PermutationMethod(n_resamples=2**14)
    expected = stats.wilcoxon(values, zero_method="pratt", alternative="greater", method=every)
    assert signed_rank(values) == pytest.approx(expected.pvalue)


def test_equal_sizes_make_it_the_sign_test():
    values = np.array([INF] * 7 + [-INF])
    assert signed_rank(values) == pytest.approx(stats.binomtest(7, 8, alternative="greater").pvalue)
    rounding = np.array([0.1, 0.1 + 1e-17, 0.3 - 0.2, 0.1, 0.1, -0.1])
    assert signed_rank(rounding) == pytest.approx(7 / 64)


@given(values_with_ties)
def test_the_interval_is_what_the_test_does_not_reject(values):
    estimate, low, high = location(values)
    between = np.arange(-4, 4, 0.25) + 0.07  # at no mean of two values
    for place in between:
        tails = signed_rank(values - place), signed_rank(place - values)
        inside = not place < low and not place > high  # NaN: open
        sizes = np.abs(values[np.isfinite(values)] - place).round(9)
        if len(set(sizes)) == len(sizes):  # ties have another distribution
            assert inside == (2 * min(tails) > 0.05), place
    if np.isfinite(estimate):
        assert not low > estimate
        assert not estimate > high


def test_an_infinite_value_moves_the_estimate_little():
    values = np.linspace(0.05, 0.15, 20)
    estimate, low, high = location(values)
    assert location(np.array([-INF, *values[1:]]))[0] == pytest.approx(estimate, abs=0.006)
    one, three = (location(np.array([-INF] * n + values[n:].tolist())) for n in (1, 3))
    assert 0 < one[1] < low
    assert np.isnan(three[1])  # that many: no number is surely below
    assert one[0] > three[0] > 0
    assert one[2] <= high
    assert np.isnan(location(np.array([INF, -INF]))).all()
    assert np.isnan(location(np.array([]))).all()


@given(values_with_ties, st.integers(0, 12))
def test_a_run_that_fails_as_well_never_shows_an_effect(values, place):
    worse = values.copy()
    worse[place % len(values)] = -INF
    assert not signed_rank(worse) < 0.05 < signed_rank(values)


@given(st.sets(st.integers(1, 30), min_size=1), st.randoms(), st.integers(0, 4))
def test_what_becomes_worse_never_speaks_for_better(sizes, random, infinite):
    """Without ties but those of failed runs, p never falls."""
    values = np.array([one * random.choice([-1.0, 1.0]) for one in sizes] + infinite * [-INF])
    worse = values.copy()
    worse[random.randrange(len(values))] = -INF
    assert signed_rank(worse) >= signed_rank(values) - 1e-12
    assert rank_balance(worse) <= rank_balance(values)


def test_critical_sums_by_table():
    """Of n values the positive ranks reach these with at most 2.5 % (Wilcoxon's own table)."""
    totals = np.arange(1, 21) * np.arange(2, 22) / 2
    smallest = totals - critical_sums(20, 0.025)
    assert smallest[5:].tolist() == [0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 29, 34, 40, 46, 52]
    assert np.isinf(critical_sums(20, 0.025)[:5]).all()
