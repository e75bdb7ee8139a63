"""Intervals and tests against hand computations, other routes, and simulations."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from labbook.evaluate.statistics import (
    compare,
    higher_is_better,
    holm,
    mean_interval,
    more_seeds,
    rate_interval,
)

NAN = float("nan")


def test_direction_of_metrics():
    better = [m for m in ("valid_mse", "test_mae", "train_r2", "valid_accuracy", "epochs",
                          "test_cross_entropy") if higher_is_better(m)]  # fmt: skip
    assert better == ["train_r2", "valid_accuracy"]


def test_interval_by_hand():
    # mean 2, deviation 1, t(0.975, 2) = 4.302653, half-width 4.302653 / sqrt(3)
    found = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert (found.n, found.mean, found.deviation) == (3, 2.0, 1.0)
    assert found.high - 2 == pytest.approx(4.302652729911275 / math.sqrt(3), rel=1e-9)
    assert 2 - found.low == pytest.approx(found.high - 2)


def test_interval_by_another_route():
    values = np.random.default_rng(0).lognormal(size=9)
    found = mean_interval(values)
    assert (found.low, found.high) == pytest.approx(DescrStatsW(values).tconfint_mean())


def test_interval_of_few_equal_and_failed_values():
    assert mean_interval(np.array([])).n == 0
    one = mean_interval(np.array([NAN, 3.0]))
    assert (one.n, one.mean) == (1, 3.0)
    assert math.isnan(one.low)
    assert math.isnan(one.deviation)
    same = mean_interval(np.array([0.1, 0.1, 0.1]))
    assert same.low == same.high == same.mean
    assert mean_interval(np.zeros(4)).high == 0


def test_rate_interval_is_that_of_the_binomial_test():
    exact = stats.binomtest(2, 8).proportion_ci(method="exact")
    assert rate_interval(2, 8) == pytest.approx((exact.low, exact.high))
    assert rate_interval(0, 8)[0] == 0
    assert rate_interval(0, 8)[1] == pytest.approx(1 - 0.025 ** (1 / 8))
    assert rate_interval(8, 8)[1] == 1


def test_paired_t_by_hand_and_by_another_route():
    first, second = np.array([3.0, 5.0, 4.0, 6.0]), np.array([2.0, 3.0, 3.0, 4.0])
    found = compare(first, second)
    differences = first - second  # 1 2 1 2: mean 1.5, deviation 1 / sqrt(3)
    t = 1.5 / (1 / math.sqrt(3) / 2)
    assert found.p == pytest.approx(2 * stats.t.sf(t, 3))
    assert found.p == pytest.approx(stats.ttest_1samp(differences, 0).pvalue)
    interval = stats.ttest_rel(first, second).confidence_interval()
    assert (found.difference.low, found.difference.high) == pytest.approx(tuple(interval))
    assert (found.test, found.favours, found.pairs) == ("t", 1, 4)


def test_failed_runs_are_judged_by_signs():
    finite, failed = np.arange(8.0), np.full(8, NAN)
    found = compare(finite, failed)
    assert (found.test, found.favours, found.failed_second) == ("sign", 1, 8)
    assert found.p == 2 * 0.5**8
    assert found.difference.n == 0
    other = compare(failed, finite)
    assert (other.favours, other.p) == (-1, found.p)
    mixed = compare(np.array([2, 3, NAN, NAN, 5.0]), np.array([1, NAN, 2, NAN, 1.0]))
    assert (mixed.wins, mixed.losses, mixed.pairs) == (3, 1, 4)  # both failed: left out
    assert mixed.p == pytest.approx(stats.binomtest(3, 4).pvalue)
    assert mixed.difference.n == 2


def test_all_failed_single_pair_and_ties():
    nothing = compare(np.full(3, NAN), np.full(3, NAN))
    assert (nothing.test, nothing.pairs) == ("none", 0)
    assert math.isnan(nothing.p)
    assert compare(np.array([1.0]), np.array([2.0])).test == "none"
    same = compare(np.ones(6), np.ones(6))
    assert (same.test, same.p, same.favours, same.difference.mean) == ("sign", 1.0, 0, 0.0)


def test_equal_differences_up_to_rounding_use_signs():
    base = np.array([0.1, 0.2, 0.3, 0.7, 1.1])
    found = compare(base + 0.1, base)
    assert found.test == "sign"
    assert found.p == 2 * 0.5**5
    assert found.difference.low == found.difference.high == pytest.approx(0.1)


def test_holm_by_hand():
    found = holm(np.array([0.03, 0.01, NAN, 0.04]))
    assert found[[0, 1, 3]] == pytest.approx([0.06, 0.03, 0.06])
    assert math.isnan(found[2])
    assert len(holm(np.array([]))) == 0
    assert math.isnan(holm(np.array([NAN]))[0])


def test_more_seeds_by_the_noncentral_t():
    values = np.random.default_rng(4).normal(0.5, 1, 6)
    found = compare(values, np.zeros(6))
    more = more_seeds(found, tests=1)

    def power(n):
        t, shift = stats.t.isf(0.025, n - 1), abs(values.mean()) / values.std(ddof=1) * n**0.5
        return stats.nct.sf(t, n - 1, shift) + stats.nct.cdf(-t, n - 1, shift)

    assert more is not None
    assert power(6 + more) >= 0.8 > power(5 + more)
    assert more_seeds(found, tests=10) > more


def test_more_seeds_at_the_edges():
    assert more_seeds(compare(np.array([1.0]), np.array([2.0])), 1) is None
    assert more_seeds(compare(np.array([1.0, -1.0, 0.0]), np.zeros(3)), 1) == 200
    assert more_seeds(compare(np.ones(5), np.ones(5)), 1) == 200
    # always the same sign: 2 * 0.5 ** n < 0.05 from n = 6 on, so one more than 5
    assert more_seeds(compare(np.ones(5) + 1, np.ones(5)), 1) == 1
    assert more_seeds(compare(np.ones(5), np.full(5, NAN)), 1) == 1
    # so strong that the tail of the t distribution underflows
    assert more_seeds(compare(np.array([1e9, 1e9 + 1, 1e9]), np.zeros(3)), 1) == 1


def test_intervals_cover_what_they_promise():
    draw = np.random.default_rng(20)
    values = draw.normal(0.3, 1, (2000, 5))
    found = [mean_interval(one) for one in values]
    cover = np.mean([one.low <= 0.3 <= one.high for one in found])
    assert 0.93 <= cover <= 0.97


@pytest.mark.parametrize("failing", [0.0, 0.3])
def test_false_findings_are_at_most_nominal(failing):
    draw = np.random.default_rng(21)

    def side(n):
        values = draw.normal(0, 1, (1500, n))
        return np.where(draw.random((1500, n)) < failing, NAN, values)

    p = [compare(a, b).p for a, b in zip(side(8), side(8), strict=True)]
    assert np.mean(np.array(p) < 0.05) <= 0.06  # nominal, and two deviations of 1,500 draws


def test_holm_keeps_the_rate_of_families(monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels does so each time, which is slow
    draw = np.random.default_rng(22)
    p = [[compare(draw.normal(size=6), np.zeros(6)).p for _ in range(4)] for _ in range(500)]
    assert np.mean([holm(np.array(one)).min() < 0.05 for one in p]) <= 0.07  # two deviations of 500


def test_two_seeds_decide_nothing():
    """Two differences that happen to be alike are no certainty."""
    one = compare(np.array([1.0, 1.0 + 1e-9]), np.zeros(2))
    assert (one.test, one.favours) == ("none", 0)
    assert np.isnan(one.p)
    assert more_seeds(one, 1) is None
