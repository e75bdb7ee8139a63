"""In how many seeds a side was better: counts, ties, failures, and where nothing is said."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.claims.better_in import COLUMNS, better_in
from labbook.evaluate.claims.judge import write_verdicts
from labbook.evaluate.tables import write_comparisons
from tests.calibration.tuned import Truth, draw_study
from tests.evaluate.test_study import read
from tests.made_study import FakePrepared, claim, judged, made_results

FIRST = [1.0, 2.0, 3.0, 1.0, 2.0, None, None, 1.0]
SECOND = [2.0, 1.0, 4.0, 1.0, 3.0, 1.0, None, None]


def of(values, *claims, **options):
    return better_in(judged(values, *claims, **options)[0].outcome)


def test_ties_are_half_failures_lost_and_what_failed_twice_is_none():
    found = of({"a": FIRST, "b": SECOND}, claim("a", "b"))
    # won: 0, 2, 4, 7; tied: 3; lost: 1, 5; nothing: 6
    assert found["better_in"] == pytest.approx(4.5 / 7)
    low, high = stats.beta.ppf([0.025, 0.975], [4.5, 5.5], [7 - 4.5 + 1, 7 - 4.5])
    assert (found["better_low"], found["better_high"]) == pytest.approx((low, high))


def test_all_won_reaches_one():
    found = of({"a": [1.0] * 8, "b": list(np.linspace(2, 3, 8))}, claim("a", "b"))
    assert found["better_in"] == found["better_high"] == 1
    assert found["better_low"] == pytest.approx(0.025 ** (1 / 8))


def test_nothing_is_said_of_equal_sides_and_of_a_still_target():
    assert np.isnan(of({"a": [1.0] * 8, "b": [1.0] * 8}, claim("a", "b"))["better_in"])
    still = FakePrepared()
    still.target = np.full_like(still.target, 3.0)
    values = {"a": [1.0] * 8, "b": list(np.linspace(2, 3, 8))}
    assert np.isnan(of(values, claim("a", "b"), prepared=still)["better_in"])


def test_a_claim_by_at_least_counts_who_is_better_all_the_same():
    values = {"a": [1.0] * 8, "b": [1.1] * 7 + [0.9]}
    assert of(values, claim("a", "b", at_least=1.0))["better_in"] == 7 / 8


def test_verdicts_have_it_of_two_sides_alone(tmp_path):
    draw = np.random.default_rng(1)
    values = {name: list(draw.lognormal(size=8)) for name in "abcd"}
    claims = [
        claim("a", "b", name="c1"),
        claim(sides=("a", "b"), name="c2", alike=[{"x": 1}, {"x": 2}]),
        claim(sides="abc", name="c3", order=[{"x": 1}, {"x": 2}, {"x": 3}]),
    ]
    write_verdicts(made_results(values, claims=claims), tmp_path / "verdicts.csv")
    table = read(tmp_path / "verdicts.csv").set_index("id")
    wins = np.mean(np.array(values["a"]) < np.array(values["b"]))
    assert list(table["better_in"][["c1", "c2"]]) == [wins, wins]
    assert np.isnan(table["better_in"]["c3"])
    assert (table["better_low"][:2] <= wins).all()
    assert (table["better_high"][:2] >= wins).all()


def test_of_several_combinations_nothing_is_said(tmp_path):
    """Their mean by seed wins in each seed, and one training of them in three of four."""
    a, c = np.linspace(0.5, 0.6, 8), np.linspace(1.3, 1.4, 8)
    values = {"a": list(a), "c": list(c), "b": [1.1] * 8}
    claims = [
        claim(sides=(("a", "c"), ("b",)), name="c1"),
        claim(sides=(("b",), ("a", "c")), name="c2", alike=[{"x": 1}, {"x": 2}]),
        claim(sides=(("a",), ("b",)), name="c3"),
    ]
    write_verdicts(made_results(values, claims=claims), tmp_path / "verdicts.csv")
    table = read(tmp_path / "verdicts.csv").set_index("id")
    assert table[list(COLUMNS)].loc[["c1", "c2"]].isna().all(axis=None)
    assert table["better_in"]["c3"] == 1


def test_of_methods_that_were_tuned_nothing_is_said(tmp_path):
    """The best of so many is a mean over choices, and draws are chance that no seed has."""
    results = draw_study(Truth(0.5, luck=0.1), 12, np.random.default_rng(1))
    (one,) = write_verdicts(results, tmp_path / "verdicts.csv")
    assert one.outcome.compared.wins == 12
    assert read(tmp_path / "verdicts.csv")[list(COLUMNS)].isna().all(axis=None)


def test_comparisons_count_the_combination_against_the_reference(tmp_path):
    values = {"reference": [1.0] * 8, "other": [0.9] * 6 + [1.1] * 2}
    write_comparisons(made_results(values), tmp_path / "t.csv")
    assert list(read(tmp_path / "t.csv")["better_in"]) == [6 / 8]


def test_without_a_comparison_there_is_no_share():
    outcome = judged({"a": [1.0] * 8, "b": [2.0] * 8}, claim("a", "b"))[0].outcome
    assert np.isnan(better_in(replace(outcome, compared=None))["better_in"])
