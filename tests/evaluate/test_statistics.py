"""Intervals and corrections against hand computations, other routes, and simulations."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from labbook.evaluate.statistics.intervals import (
    holm,
    mean_interval,
    mean_intervals,
    metric_interval,
    oriented,
    rate_interval,
    restored,
)
from labbook.measures import is_ratio, metric_of

NAN = float("nan")


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


def test_intervals_of_columns_are_those_of_each_column():
    values = np.random.default_rng(1).normal(size=(7, 40))
    values[:, 0] = NAN
    values[1:, 1] = NAN
    values[:, 2] = 0.1
    values[:, 3] = 0
    values[::2, 4:9] = NAN
    values[0, 9] = np.inf
    found = [mean_interval(column) for column in values.T]
    expected = np.array([[one.mean, one.low, one.high] for one in found]).T
    assert np.allclose(mean_intervals(values), expected, rtol=1e-12, atol=1e-14, equal_nan=True)
    assert np.isfinite(expected[:, 2:]).all()


def test_rate_interval_is_that_of_the_binomial_test():
    exact = stats.binomtest(2, 8).proportion_ci(method="exact")
    assert rate_interval(2, 8) == pytest.approx((exact.low, exact.high))
    assert rate_interval(0, 8)[0] == 0
    assert rate_interval(0, 8)[1] == pytest.approx(1 - 0.025 ** (1 / 8))
    assert rate_interval(8, 8)[1] == 1


def test_errors_and_epochs_are_compared_by_ratio_others_by_difference():
    assert all(map(is_ratio, ["test_mse", "valid_cross_entropy", "epochs", "train_roughness"]))
    assert not any(map(is_ratio, ["test_r2", "valid_accuracy"]))
    margins = [metric_of(name).margin for name in ("epochs", "test_accuracy", "r2")]
    assert margins == [0.05, 0.005, 0.01]
    values = np.array([0.5, 2.0, NAN])
    assert oriented(values, "valid_mse") == pytest.approx([np.log(2), -np.log(2), NAN], nan_ok=True)
    assert oriented(values, "valid_r2")[:2] == pytest.approx(values[:2])
    for metric in ("valid_mse", "valid_r2"):
        assert restored(oriented(values, metric), metric)[:2] == pytest.approx(values[:2])


def test_the_mean_of_errors_is_geometric_and_its_interval_never_below_0():
    values = np.array([1.0, 2.0, 3.0, 6.0])
    found = metric_interval(values, "valid_mse")
    assert found.mean == pytest.approx(stats.gmean(values))
    expected = stats.ttest_1samp(np.log(values), 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((np.exp(expected.low), np.exp(expected.high)))
    assert found.deviation == pytest.approx(values.std(ddof=1))
    accuracy = metric_interval(np.array([0.97, 1.0, 0.99, 1.0]), "valid_accuracy")
    assert accuracy.mean == pytest.approx(0.99)
    assert accuracy.high == 1


def test_holm_by_hand():
    found = holm(np.array([0.03, 0.01, NAN, 0.04]))
    assert found[[0, 1, 3]] == pytest.approx([0.06, 0.03, 0.06])
    assert math.isnan(found[2])
    assert len(holm(np.array([]))) == 0
    assert math.isnan(holm(np.array([NAN]))[0])


value = st.one_of(
    st.sampled_from([0.0, 1 / 3, 1.0, NAN, math.inf]), st.floats(0, 1), st.floats(-1e6, 1e6),
    st.floats(0, 1e-200), st.floats(0, 1e100),
)  # fmt: skip
metrics = st.sampled_from(["valid_mse", "test_accuracy", "valid_r2", "epochs"])


@settings(max_examples=300)
@given(st.lists(value, min_size=1, max_size=30).map(np.array), metrics)
def test_intervals_are_in_order_and_within_what_a_metric_can_be(values, metric):
    low, high = metric_of(metric).low, metric_of(metric).high
    values = np.clip(values, low, high)
    found = metric_interval(values, metric)
    assert found.n == np.isfinite(values).sum()
    assert not found.low > found.mean
    assert not found.mean > found.high
    for end in (found.low, found.mean, found.high):
        assert math.isnan(end) or low <= end <= high


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_rate_lies_in_its_interval(one, other):
    count, n = sorted((one, other))
    low, high = rate_interval(count, n)
    if n == 0:
        assert math.isnan(low)
        return
    assert 0 <= low <= count / n <= high <= 1
    inverse = stats.binomtest(count, n).proportion_ci(0.95, "exact")
    assert (low, high) == pytest.approx((inverse.low, inverse.high))


@pytest.mark.parametrize("n", range(2, 30))
@pytest.mark.parametrize(("value", "metric"), [(30.0, "epochs"), (0.1, "accuracy"), (0.3, "mse")])
def test_equal_values_are_their_own_mean(value, metric, n):
    """30 epochs in all seeds had a mean of 30.000000000000014."""
    found = metric_interval(np.full(n, value), metric)
    assert (found.mean, found.low, found.high, found.deviation) == (value, value, value, 0)
