"""Paired comparisons against hand computations, other routes, and simulations."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from labbook.evaluate.statistics.intervals import oriented
from labbook.evaluate.statistics.paired import compare, compare_differences, one_sided, weakest
from labbook.evaluate.statistics.power import fresh_seeds

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
    assert found.p == pytest.approx(max(by_signs, by_t, by_hall(skewed)))
    torn = np.array([-0.1, -0.2, -0.1, -0.15, -0.05, 9.0, -0.2, -0.1])  # mean up, most down
    assert compare(torn, np.zeros(8)).p == 1


def by_hall(differences: np.ndarray) -> float:
    """Two-sided p of Hall's transformation, in its other form: a cube without the cube at 0."""
    n, a = len(differences), stats.skew(differences)
    t = differences.mean() / differences.std(ddof=1)
    cube = ((1 + a * t / 3) ** 3 - 1) / a + a / (6 * n)
    return 2 * stats.t.sf(abs(np.sqrt(n) * cube), n - 1)


def test_a_long_tail_makes_nothing_of_a_mean_that_is_hardly_below_zero():
    """An exponential of mean 1, less 1.45: Student's t and the signs agree too soon."""
    tail = stats.expon.ppf((np.arange(20) + 0.5) / 20) - 1.45
    found = compare(tail, np.zeros(20))
    by_t, by_signs = stats.ttest_1samp(tail, 0).pvalue, stats.binomtest((tail < 0).sum(), 20).pvalue
    assert max(by_t, by_signs) < 0.05 < by_hall(tail)
    assert (found.test, found.p) == ("t and sign", pytest.approx(by_hall(tail)))


def test_tiny_differences_have_a_skewness():
    """Their cubes are no numbers; hypothesis found them."""
    tiny = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 2e-145])
    assert compare(tiny, np.zeros(6)).p == pytest.approx(compare(1e145 * tiny, np.zeros(6)).p)


def test_failed_runs_rank_last():
    finite, failed = np.arange(8.0), np.full(8, NAN)
    found = compare(finite, failed)
    assert (found.test, found.favours, found.failed_second) == ("signed-rank", 1, 8)
    assert found.p == 2 * 0.5**8
    assert (found.pairs, found.failed) == (8, 8)
    assert np.isnan([found.difference.mean, found.difference.low]).all()
    other = compare(failed, finite)
    assert (other.favours, other.p) == (-1, found.p)
    mixed = compare(np.array([2, 3, NAN, NAN, 5.0, 3, 2]), np.array([1, NAN, 2, NAN, 1.0, 2, 1]))
    assert (mixed.wins, mixed.losses, mixed.pairs) == (5, 1, 6)  # both failed: left out
    assert mixed.p == pytest.approx(stats.wilcoxon([1, 9, -9, 4, 1, 1], method="auto").pvalue)


def test_one_failed_run_in_twenty_deletes_neither_effect_nor_interval():
    first = np.random.default_rng(2).normal(0.1, 0.03, 20)
    whole = compare(first, np.zeros(20), margin=0.05)
    first[3] = NAN
    found = compare(first, np.zeros(20), margin=0.05)
    assert (found.failed_first, found.pairs, found.favours) == (1, 20, 1)
    assert found.p == pytest.approx(stats.wilcoxon(np.nan_to_num(first, nan=-9)).pvalue)
    assert found.p < 0.001
    assert found.p_beyond < 0.05
    assert found.difference.mean == pytest.approx(whole.difference.mean, abs=0.01)
    assert 0.05 < found.difference.low < found.difference.mean < found.difference.high


@pytest.mark.parametrize(
    ("failed", "n", "p"),
    [
        (1, 8, 25 / 2**8),  # undecided: 28 against 8
        (1, 12, 0.017), (2, 12, 0.114), (3, 12, 0.338),
        (1, 20, 0.0004), (2, 20, 0.006), (3, 20, 0.038), (4, 20, 0.128),
    ],
)  # fmt: skip
def test_the_margin_is_looked_at_though_runs_failed(failed, n, p):
    """The others are 0.1 % apart: neither alike nor unlike for a failure, but by their ranks."""
    first = np.random.default_rng(1).normal(0, 0.001, n)
    first[:failed] = NAN
    found = compare(first, np.zeros(n), margin=0.05)
    assert found.p_alike == pytest.approx(p, abs=0.0006)
    # by SciPy: the failed ones as differences far beyond all others, of one size
    every = stats.PermutationMethod(n_resamples=2**12)
    method = "exact" if failed == 1 else every if n <= 12 else "approx"
    far = np.where(np.isnan(first), -9, first + 0.05)
    expected = stats.wilcoxon(far, alternative="greater", method=method).pvalue
    assert found.p_alike == pytest.approx(expected, abs=0.01 if method == "approx" else 1e-9)
    assert found.p_beyond > 0.2


def test_runs_that_mostly_fail_are_beyond_any_margin():
    first = np.where(np.arange(12) < 11, NAN, 0.0)
    found = compare(first, np.zeros(12), margin=0.05)
    assert found.p_beyond == pytest.approx(2 * 2 / 2**12)
    assert found.p_alike > 0.99


def test_values_of_one_side_are_judged_by_signs_where_runs_failed():
    """Nothing makes values that lie above a bound as far from it as those below."""
    above = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.1, 0.15, -np.inf])
    assert compare_differences(above).test == "signed-rank"
    found = compare_differences(above, paired=False)
    assert (found.test, found.favours) == ("sign", 1)
    assert found.p == pytest.approx(stats.binomtest(7, 8).pvalue)
    assert one_sided(above) == pytest.approx(9 / 2**8)
    assert np.isnan(one_sided(above[:5]))


def test_all_comparisons_must_show_it():
    draw = np.random.default_rng(4)
    clear, weak, against = (
        compare(draw.normal(mean, 0.1, 8), np.zeros(8), margin=0.5) for mean in (1, 0.15, -1)
    )
    found = weakest([clear, weak])
    assert (found.p, found.favours, found.difference) == (weak.p, 1, weak.difference)
    assert found.p_alike == clear.p_alike
    assert found.p_beyond == weak.p_beyond
    torn = weakest([clear, against])
    assert (torn.p, torn.favours, torn.p_beyond) == (1, 0, 1)
    few = compare(np.arange(3.0), np.zeros(3))
    assert np.isnan(weakest([clear, few]).p)
    assert weakest([clear]) is clear


def test_few_pairs_decide_nothing():
    """Differences that happen to be alike are no certainty."""
    nothing = compare(np.full(6, NAN), np.full(6, NAN))
    assert (nothing.test, nothing.pairs) == ("none", 0)
    for n in (1, 2, 5):
        few = compare(np.arange(n) + 1.0 + 1e-9 * np.arange(n), np.arange(n) * 1.0, margin=9)
        assert (few.test, few.favours) == ("none", 0)
        assert np.isnan([few.p, few.p_alike]).all()


def test_equal_differences_up_to_rounding_use_signs():
    base = np.array([0.1, 0.2, 0.3, 0.7, 1.1, 1.3])
    found = compare(base + 0.1, base, margin=0.2)
    assert found.test == "sign"
    assert found.p == 2 * 0.5**6
    assert found.p_alike == 0.5**6
    assert found.difference.low == found.difference.high == pytest.approx(0.1)
    same = compare(np.ones(6), np.ones(6), margin=0.1)
    assert (same.test, same.p, same.favours, same.p_alike) == ("sign", 1.0, 0, 0.5**6)


@pytest.mark.parametrize(("apart", "failing"), [(0, 0.0), (0, 0.3), (1, 0.05), (1, 0.2)])
def test_false_findings_are_at_most_nominal(apart, failing):
    """Of sides that do not differ, and of such that differ by exactly the margin."""
    draw, shape = np.random.default_rng(22), (1500, 12)
    first, second = (
        np.where(draw.random(shape) < failing, NAN, draw.normal(mean, 0.5, shape))
        for mean in (apart, 0)
    )
    made = [compare(a, b, margin=1) for a, b in zip(first, second, strict=True)]
    for name in ("p_alike", "p_beyond") if apart else ("p",):
        rate = np.mean([getattr(one, name) < 0.05 for one in made])
        assert rate <= 0.06  # nominal, and two deviations of 1,500 draws


# What metrics can be: equal in all seeds, a rare class, R2 at its bound and far below, failed, tiny.
number = st.one_of(
    st.sampled_from([0.0, 1 / 3, 0.5, 2 / 3, 1.0, NAN, NAN]),
    st.floats(0, 1), st.floats(-1e6, 1e6), st.floats(0, 1e-200), st.floats(0, 1e100),
)  # fmt: skip
two_sides = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[st.lists(number, min_size=n, max_size=n).map(np.array)] * 2)
)


TINY_BESIDE_MARGIN = (np.zeros(6), np.array([0, 2e-41, 0, 0, 0, 0]))  # 0.05 - 2e-41 is 0.05


@settings(max_examples=300)
@example(TINY_BESIDE_MARGIN, 0.05)
@given(two_sides, st.sampled_from([0.0, 0.005, 0.05, 1 / 3]))
def test_any_two_sides_compare_and_their_swap_is_the_mirror(sides, margin):
    found, swapped = compare(*sides, margin), compare(*reversed(sides), margin)
    for p in (found.p, found.p_alike, found.p_beyond):
        assert math.isnan(p) or 0 <= p <= 1
    assert not found.difference.low > found.difference.mean
    assert not found.difference.mean > found.difference.high
    assert (found.test, found.favours) == (swapped.test, -swapped.favours)
    same = [(found.p, swapped.p), (found.p_alike, swapped.p_alike)]
    same += [(found.p_beyond, swapped.p_beyond)]
    same += [(found.difference.mean, -swapped.difference.mean)]
    same += [(found.difference.low, -swapped.difference.high)]
    for one, other in same:
        assert one == pytest.approx(other, nan_ok=True, rel=1e-9, abs=1e-12)
    assert (found.p < 0.05) <= (found.favours != 0)
    assert not (found.p_alike < 0.05 and found.p_beyond < 0.05)


@settings(max_examples=50)
@given(two_sides, st.sampled_from([1, 7]))
def test_fresh_seeds_are_a_number_whatever_was_found(sides, tests):
    found = compare(*sides)
    for fresh in (fresh_seeds(found, tests), fresh_seeds(found, tests, 0.05)):
        assert (fresh is None) == (found.pairs < 2)
        assert fresh is None or fresh == math.inf or 6 <= fresh <= 200


errors = st.one_of(st.sampled_from([NAN, 1.0, 2.0]), st.floats(1e-3, 1e3))
two_of_errors = st.integers(6, 12).flatmap(
    lambda n: st.tuples(*[st.lists(errors, min_size=n, max_size=n).map(np.array)] * 2)
)


@given(two_of_errors, st.sampled_from([1e-9, 0.1, 3.0, 1e7]))
def test_the_unit_of_an_error_changes_nothing(sides, factor):
    found, other = (
        compare(*(oriented(side * unit, "valid_mse") for side in sides), 0.05)
        for unit in (1.0, factor)
    )
    finite = found.differences[np.isfinite(found.differences)]
    assume(len(finite) == 0 or not 0 < np.ptp(finite) < 1e-9)  # less is the logarithm's rounding
    assert (found.test, found.favours) == (other.test, other.favours)
    for name in ("p", "p_alike", "p_beyond"):
        assert getattr(found, name) == pytest.approx(getattr(other, name), nan_ok=True, abs=1e-6)


@given(two_of_errors, st.integers(0, 11))
def test_one_more_failed_run_never_favours_its_side(sides, place):
    """Where a run failed before; the first one that fails changes the test."""
    first, second = (oriented(side, "valid_mse") for side in sides)
    before = compare(first, second)
    assume(before.test == "signed-rank")
    worse = first.copy()
    worse[place % len(first)] = NAN
    after = compare(worse, second)
    assume(after.pairs == before.pairs)  # not one that failed on both sides
    if after.test == "signed-rank" and after.favours > 0 and after.p < 0.05:
        assert before.favours > 0
        assert before.p < 0.05
