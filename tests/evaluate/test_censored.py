"""Epochs that some runs did not reach, against other routes and made data."""

import itertools

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.statistics.censored import (
    Censored,
    Times,
    factor_interval,
    median_interval,
    tails,
)

DRAW = np.random.default_rng(2)


def censored(epochs: np.ndarray, budget: float) -> Censored:
    return Censored(np.minimum(epochs, budget), epochs < budget)


def times(first: np.ndarray, second: np.ndarray, one: float, two: float | None = None) -> Times:
    two = one if two is None else two
    return Times(censored(first, one), censored(second, two), (one, two))


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


def test_who_alone_got_there_is_ahead_and_who_did_not_says_nothing() -> None:
    found = times(np.array([10.0, 20, 90, 90]), np.array([20.0, 90, 20, 90]), 50).differences()
    assert found[0] == pytest.approx(np.log(2))
    assert found[1:3].tolist() == [np.inf, -np.inf]
    assert np.isnan(found[3])


def test_both_sides_are_followed_up_to_the_smaller_budget() -> None:
    """The second got there after 80 epochs; had it had the first's 50, it would not have."""
    pair = times(np.array([90.0]), np.array([80.0]), 50, 100)
    assert np.isnan(pair.differences()).all()
    assert pair.differences(2.0) == pytest.approx([-np.inf])


def test_the_test_is_that_of_all_exchanges() -> None:
    pair = times(np.array([10.0, 13, 30, 20, 60, 11]), np.array([12.0, 60, 29, 40, 22, 60]), 50)
    differences = pair.differences()
    ranks = stats.rankdata(np.abs(differences))
    sums = [
        sum(rank for rank, plus in zip(ranks, signs, strict=True) if plus)
        for signs in itertools.product((0, 1), repeat=6)
    ]
    found = ranks[differences > 0].sum()
    assert tails(differences)[0] == pytest.approx(np.mean(np.array(sums) >= found))
    assert tails(-differences) == pytest.approx(tails(differences)[::-1])


def test_without_censoring_it_is_wilcoxons_test() -> None:
    one, two = DRAW.exponential(100, 12), DRAW.exponential(300, 12)
    differences = times(one, two, 1e9).differences()
    expected = stats.wilcoxon(np.log(two) - np.log(one), alternative="greater").pvalue
    assert tails(differences)[0] == pytest.approx(expected)


def test_the_factor_is_found_and_its_interval_covers() -> None:
    covered, middles = [], []
    for _ in range(60):
        one, two = DRAW.exponential(100, 15), DRAW.exponential(300, 15)
        middle, low, high = factor_interval(times(one, two, 400))
        covered.append(not low > 3 and not high < 3)
        middles.append(middle)
    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 60)
    assert np.nanmedian(middles) == pytest.approx(3, rel=0.2)


def test_a_factor_that_all_seeds_show_is_found() -> None:
    epochs = np.arange(20.0, 40)
    middle, low, high = factor_interval(times(epochs, np.append(epochs[:-1] * 1.5, 900.0), 100))
    assert middle == pytest.approx(1.5, rel=0.02)
    assert low == pytest.approx(1.5, rel=0.03)
    assert high == pytest.approx(1.5, rel=0.03)


def test_an_open_interval_has_no_end() -> None:
    middle, low, high = factor_interval(times(np.arange(10.0, 18), np.full(8, 900.0), 100))
    assert low > 3
    assert np.isnan([middle, high]).all()


def test_where_nobody_gets_there_nothing_is_known() -> None:
    lost = times(np.full(8, 900.0), np.full(8, 900.0), 100)
    assert tails(lost.differences()) == (1.0, 1.0)
    assert np.isnan(factor_interval(lost)).all()


def test_equal_epochs_that_all_reached_have_a_median() -> None:
    found = median_interval(censored(np.full(8, 20.0), 50))
    assert found.mean == 20
    assert found.low == 20


def test_a_factor_beyond_all_that_are_tried_is_open() -> None:
    middle, low, high = factor_interval(times(np.arange(2.0, 10), np.arange(2.0, 10) * 1e3, 1e6))
    assert low == pytest.approx(100)
    assert np.isnan([middle, high]).all()
