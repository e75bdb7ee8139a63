"""The test behind the set that may be best, against brute force and SciPy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from labbook.evaluate.statistics import best_set as module
from labbook.evaluate.statistics.best_set import none_better
from labbook.evaluate.statistics.ranks import signed_rank


def statistic(differences):
    """Student's t of one pair, or of signed ranks where a run failed: by SciPy, pair by pair."""
    known = differences[~np.isnan(differences)]
    if np.isinf(known).any():
        known = np.sign(known) * stats.rankdata(np.abs(known))  # Pratt: zeros rank, without sign
    if not known.any():
        return 0.0
    if np.ptp(known) == 0:
        return np.sign(known[0]) * np.inf
    return float(stats.ttest_1samp(known, 0).statistic)


def of_t(value, n):
    """Student's t as the sum over the root of the sum of squares, which rises with it."""
    return (
        np.sqrt(n) * np.sign(value) if np.isinf(value) else value / np.sqrt((n - 1 + value**2) / n)
    )


def brute(values):
    """Every flip of the seeds, every pair, one by one."""
    m, n = values.shape
    lost = np.where(np.isnan(values), -np.inf, values)
    found = []
    for candidate in range(m):
        with np.errstate(invalid="ignore"):
            ahead = lost - lost[candidate]
        largest = []
        for flips in itertools.product([1, -1], repeat=n):
            with np.errstate(invalid="ignore"):
                sizes = [(one * flips, int((~np.isnan(one)).sum())) for one in ahead]
            largest.append(max(of_t(statistic(one), k) if k > 1 else 0.0 for one, k in sizes))
        found.append(np.mean(np.array(largest) >= largest[0] - 1e-9))
    return np.array(found)


def made(seed, m=3, n=6, spread=1.0, grid=None):
    draw = np.random.default_rng(seed)
    values = draw.normal(0, spread, (m, n)) + draw.normal(0, 3, n) + np.arange(m)[:, None]
    return values if grid is None else np.round(values / grid) * grid


@pytest.mark.parametrize("grid", [None, 0.5, 2.0])
def test_every_flip_by_brute_force(grid):
    values = made(1, m=4, grid=grid)
    assert none_better(values) == pytest.approx(brute(values), abs=1e-12)


def test_failed_runs_by_brute_force():
    values = made(2, m=3, n=7)
    values[0, 1] = values[1, 1] = values[1, 4] = np.nan
    assert none_better(values) == pytest.approx(brute(values), abs=1e-12)


def test_two_combinations_as_scipy_flips_them():
    first, second = made(3, m=2, n=9)
    found = stats.permutation_test(
        (second - first,), np.mean, permutation_type="samples", alternative="greater",
        n_resamples=np.inf,
    )  # fmt: skip
    assert none_better(np.array([first, second]))[0] == pytest.approx(found.pvalue)


def test_two_combinations_with_failures_as_the_signed_rank_test():
    first, second = made(4, m=2, n=10, grid=0.25)
    first[[2, 5]] = second[2] = np.nan
    with np.errstate(invalid="ignore"):
        ahead = np.nan_to_num(second, nan=-np.inf) - np.nan_to_num(first, nan=-np.inf)
    expected = signed_rank(ahead[~np.isnan(ahead)])
    assert none_better(np.array([first, second]))[0] == pytest.approx(expected)


def test_fewer_than_six_seeds_and_one_combination_decide_nothing():
    assert np.isnan(none_better(made(5, n=5))).all()
    assert np.isnan(none_better(made(5, m=1, n=8))).all()


def test_equal_values_may_all_be_best():
    assert none_better(np.full((4, 8), 0.97)) == pytest.approx(np.ones(4))


def test_a_difference_without_spread_is_as_clear_as_its_signs():
    worse = np.arange(8.0)
    p = none_better(np.array([worse, worse + 0.1]))
    assert p == pytest.approx([1 / 2**8, 1])


def test_a_clear_best_stands_alone_among_many():
    values = made(6, m=30, n=8, spread=0.1)
    assert (none_better(values) >= 0.05).sum() <= 2
    assert none_better(values)[-1] == 1


def test_a_seed_without_a_number_that_did_not_fail_says_nothing():
    values = made(7, n=9)
    unknown = np.zeros(values.shape, dtype=bool)
    unknown[0, 2] = True
    values[0, 2] = np.nan
    pair = values[:2]
    assert none_better(pair, unknown[:2]) == pytest.approx(none_better(np.delete(pair, 2, axis=1)))


def test_drawn_flips_are_near_all_of_them(monkeypatch):
    values = made(8, m=5, n=11, spread=4)
    exact = none_better(values)
    monkeypatch.setattr(module, "ALL_FLIPS", 0)
    module._flips.cache_clear()
    drawn = none_better(values)
    assert drawn == pytest.approx(none_better(values))  # the same ones
    module._flips.cache_clear()
    assert drawn == pytest.approx(exact, abs=0.04)


def test_many_combinations_get_fewer_flips():
    assert module._drawn(3) == module._drawn(100) == module.DRAWN
    assert module._drawn(10_000) == module.FEWEST_DRAWN


tables = st.integers(2, 5).flatmap(
    lambda m: st.integers(6, 13).flatmap(
        lambda n: st.lists(
            st.lists(st.one_of(st.none(), *[st.integers(-20, 20)] * 4), min_size=n, max_size=n),
            min_size=m,
            max_size=m,
        )
    )
)


@settings(deadline=None, max_examples=60)
@given(tables, st.randoms(use_true_random=False))
def test_what_holds_of_all_tables(rows, random):
    values = np.array([[np.nan if v is None else v for v in row] for row in rows], float)
    p = none_better(values)
    assert ((p > 0) & (p <= 1)).all()
    order = list(range(len(rows)))
    random.shuffle(order)
    assert none_better(values[order]) == pytest.approx(p[order])  # the order is nothing
    shifted = values * 4 + np.arange(values.shape[1])
    assert none_better(shifted) == pytest.approx(p)  # nor are units, and easy or hard splits
    if not np.isnan(values).any():
        assert p[np.argmax(values.mean(axis=1))] == 1  # nothing has a better mean
