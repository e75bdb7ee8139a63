"""The best of so many tries, by brute force over all subsets; what chance makes of it."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from labbook.evaluate.statistics.best_of import (
    Spread,
    choice_weights,
    expected_best,
    mean_over_draws,
    spread_of_draws,
    spread_of_seeds,
    together,
    without_draws,
)


def by_all_subsets(valid: np.ndarray, test: np.ndarray, tried: int) -> float:
    """Of one seed, (combinations,); NaN where all of some subset failed."""
    found = []
    for rows in itertools.combinations(range(len(valid)), tried):
        known = [row for row in rows if np.isfinite(valid[row])]
        if not known:
            return math.nan
        best = max(valid[row] for row in known)
        found.append(np.mean([test[row] for row in known if valid[row] == best]))
    return float(np.mean(found))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_it_is_the_mean_over_all_subsets(data: st.DataObject) -> None:
    """Also of equals in validation, of which each is chosen as often, and of failed runs."""
    combinations = data.draw(st.integers(1, 7))
    value = st.one_of(st.just(math.nan), st.sampled_from([0.0, 1.0, 1.5]), st.floats(-3, 3))
    valid = np.array(
        data.draw(st.lists(value, min_size=2 * combinations, max_size=2 * combinations))
    )
    valid = valid.reshape(combinations, 2)
    test = np.random.default_rng(1).normal(size=valid.shape)
    test[np.isnan(valid)] = math.nan
    tries = np.arange(1, combinations + 1)
    found = expected_best(valid, test, tries)  # (tries, seeds)
    for k in tries:
        for seed in (0, 1):
            expected = by_all_subsets(valid[:, seed], test[:, seed], int(k))
            assert found[k - 1, seed] == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(("combinations", "tried"), [(1, 1), (9, 4), (25, 12), (25, 25), (60, 1)])
def test_weights_are_those_of_binomial_coefficients(combinations: int, tried: int) -> None:
    expected = [
        math.comb(combinations - rank, tried - 1) / math.comb(combinations, tried)
        for rank in range(1, combinations + 1)
    ]
    assert choice_weights(combinations, tried) == pytest.approx(expected)


def test_weights_of_very_many_are_numbers() -> None:
    weights = choice_weights(5000, 2500)
    assert weights.sum() == pytest.approx(1)
    assert np.isfinite(weights).all()


def test_validation_alone_chooses() -> None:
    """Test values of what is not chosen change nothing."""
    valid, test = np.array([[3.0], [2.0], [1.0]]), np.array([[0.1], [0.2], [9.0]])
    assert expected_best(valid, test, np.array([3]))[0, 0] == pytest.approx(0.1)
    assert expected_best(valid, test, np.array([2]))[0, 0] == pytest.approx((2 * 0.1 + 0.2) / 3)
    assert expected_best(valid, test, np.array([1]))[0, 0] == pytest.approx(9.3 / 3)


def test_a_side_fails_only_where_a_failed_run_could_be_the_best() -> None:
    valid = np.array([[1.0, 1.0], [np.nan, 2.0], [np.nan, 3.0]])
    found = expected_best(valid, valid, np.array([1, 2, 3]))
    assert np.isnan(found[:, 0]).tolist() == [True, True, False]
    assert np.isfinite(found[:, 1]).all()


def test_the_jackknife_of_a_mean_is_its_variance() -> None:
    """One try is the mean of all draws, whose variance everybody knows; ten draws, ten groups."""
    values = np.random.default_rng(2).normal(size=(10, 1))
    (without,) = without_draws(values, values, np.array([1])).T
    assert spread_of_draws(without[0]).variance == pytest.approx(values.var(ddof=1) / 10)


def test_groups_leave_out_a_tenth_of_the_draws() -> None:
    values = np.random.default_rng(3).normal(size=(23, 4))
    tries = np.array([1, 5, 11])
    found = without_draws(values, -values, tries)
    assert found.shape == (10, 3, 4)
    kept = np.arange(23) % 10 != 2
    assert found[2] == pytest.approx(expected_best(values[kept], -values[kept], tries))


def test_degrees_are_few_where_one_group_makes_nearly_all_of_it() -> None:
    one, even = np.zeros(10), np.array([1.0, -1.0] * 5)
    one[0] = 1
    assert spread_of_draws(one).degrees < 3
    assert spread_of_draws(even).degrees == 9  # of ten groups there are no more
    nothing = spread_of_draws(np.ones(10))
    assert (nothing.variance, nothing.degrees) == (0, 9)


def test_degrees_follow_the_formula() -> None:
    """Johnson and Rust (1992), page 175: written out with sums."""
    values = np.random.default_rng(4).standard_t(2, size=10)
    centred = values - values.mean()
    expected = (3.16 - 2.77 / math.sqrt(10)) * sum(centred**2) ** 2 / sum(centred**4)
    assert spread_of_draws(values).degrees == pytest.approx(min(max(expected, 1), 9))


def test_causes_add_up_and_the_fewest_degrees_count() -> None:
    assert together(Spread(1.0, 11), Spread(0.5, 4)) == Spread(1.5, 4)


def test_an_interval_over_draws_is_never_the_narrower_one() -> None:
    random = np.random.default_rng(5)
    values = random.normal(size=12)
    plain = mean_over_draws(values, None)
    still = mean_over_draws(values, np.repeat(values[None], 10, axis=0))
    wide = mean_over_draws(values, values + random.normal(size=(10, 1)))
    assert (still.low, still.high) == pytest.approx((plain.low, plain.high), rel=0.05)
    assert wide.low < plain.low < plain.high < wide.high
    half = stats.t.ppf(0.975, 11) * values.std(ddof=1) / math.sqrt(12)
    assert plain.high - plain.mean == pytest.approx(half)
    assert spread_of_seeds(values[:1]).variance != spread_of_seeds(values[:1]).variance
