"""Epochs that some runs did not reach, against other routes and made data."""

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.censored import Censored, exchange_test, median_interval, ratio_interval

DRAW = np.random.default_rng(2)


def censored(epochs: np.ndarray, budget: float) -> Censored:
    return Censored(np.minimum(epochs, budget), epochs < budget)


def test_without_censoring_the_median_is_the_sample_median() -> None:
    epochs = np.array([30.0, 10, 50, 20, 40])
    found = median_interval(censored(epochs, 1e9))
    assert (found.n, found.mean) == (5, 30)
    assert found.low <= 20
    assert found.high >= 40


def test_the_median_is_not_known_where_most_did_not_get_there() -> None:
    found = median_interval(censored(np.array([10.0, 90, 95, 99]), 50))
    assert found.mean == np.inf
    nobody = median_interval(censored(np.array([90.0, 95, 99]), 50))
    assert np.isnan(nobody.mean)
    assert (nobody.low, nobody.high) == (50, np.inf)


def test_the_exchange_test_is_exact() -> None:
    quick = censored(np.arange(10.0, 18), 100)
    slow = censored(np.arange(200.0, 208), 100)  # nobody got there
    p, favours = exchange_test(quick, slow)
    # Of the 2^8 exchanges within seeds only this one and its opposite are so extreme.
    assert (p, favours) == (2 / 2**8, 1)
    assert exchange_test(slow, quick) == (p, -1)
    assert exchange_test(slow, slow) == (1.0, 0)


def test_false_findings_of_censored_epochs_are_at_most_nominal() -> None:
    draws = DRAW.exponential(100, (120, 2, 7))
    p = [exchange_test(censored(a, 120), censored(b, 120))[0] for a, b in draws]
    assert np.mean(np.array(p) < 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 120)


def test_the_ratio_is_found_and_its_interval_covers() -> None:
    covered, middles = [], []
    for _ in range(100):
        one, two = DRAW.exponential(100, 20), DRAW.exponential(300, 20)
        middle, low, high = ratio_interval(censored(one, 400), censored(two, 400))
        covered.append(not low > 3 and not high < 3)
        middles.append(middle)
    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 100)
    assert np.nanmedian(middles) == pytest.approx(3, rel=0.15)


def test_an_open_interval_has_no_end() -> None:
    quick, slow = censored(np.arange(10.0, 18), 100), censored(np.full(8, 900.0), 100)
    middle, low, high = ratio_interval(quick, slow)
    assert low > 3
    assert np.isnan([middle, high]).all()


def test_the_statistic_is_that_of_scipy() -> None:
    one, two = DRAW.exponential(100, 12), DRAW.exponential(300, 12)
    a, b = censored(one, 1e9), censored(two, 1e9)
    unpaired = stats.logrank(x=a.data, y=b.data).pvalue
    assert exchange_test(a, b)[0] == pytest.approx(unpaired, abs=0.1)


def test_equal_epochs_that_all_reached_have_a_median() -> None:
    found = median_interval(censored(np.full(8, 20.0), 50))
    assert found.mean == 20
    assert found.low == 20
