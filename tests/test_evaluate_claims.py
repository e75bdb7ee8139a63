"""Verdicts by the rule at the top of labbook.evaluate.claims."""

import numpy as np
import pandas
import pytest
from scipy import stats

from labbook.errors import LabbookError
from labbook.evaluate.claims import judge, write_verdicts
from tests.made_study import claim, make_study

DRAW = np.random.default_rng(3)
BASE = list(DRAW.normal(5, 1, 8))
BETTER = [b - 1 + e for b, e in zip(BASE, DRAW.normal(0, 0.2, 8), strict=True)]
NOISY = [b - 0.2 + e for b, e in zip(BASE, DRAW.normal(0, 1, 8), strict=True)]


def verdicts(tmp_path, values, claims, **options):
    results = make_study(tmp_path / "runs", values, claims=claims, **options)
    write_verdicts(results, tmp_path / "t.csv")
    return pandas.read_csv(tmp_path / "t.csv", keep_default_na=False, na_values=[""])


def test_supported_refuted_undecided(tmp_path):
    claims = [
        claim("b", "a", name="c1"), claim("a", "b", name="c2"),
        claim("n", "a", name="c3"), claim("a", "a", name="c4"),
    ]  # fmt: skip
    table = verdicts(tmp_path, {"a": BASE, "b": BETTER, "n": NOISY}, claims)
    assert list(table) == [
        "id", "sentence", "verdict", "effect", "low", "high", "n", "p", "p_holm", "metric",
        "reported", "data", "more_seeds", "why", "test", "failed_better", "failed_than",
    ]  # fmt: skip
    assert list(table.verdict) == ["supported", "refuted", "undecided", "undecided"]
    assert table.effect[0] == pytest.approx(np.mean(BASE) - np.mean(BETTER))
    assert table.effect[1] == -table.effect[0]
    assert (table.low[1], table.high[1]) == (-table.high[0], -table.low[0])
    assert table.p[0] == pytest.approx(stats.ttest_rel(BASE, BETTER).pvalue)
    assert (table.p_holm >= table.p).all()
    assert table.more_seeds[:2].isna().all()
    assert 1 <= table.more_seeds[2] <= 200
    assert table.more_seeds[3] == 200
    assert table.why[3].startswith("No difference in any of 8 seeds")
    assert set(table.data) == {"real"}


def test_groups_are_means_per_seed(tmp_path):
    values = {"a": [1.0, 2.0, 4.0], "b": [3.0, 5.0, 4.0], "c": [2.5, 3.0, 3.0]}
    row = verdicts(tmp_path, values, [claim("c", "ab", metric="valid_r2")]).iloc[0]
    assert row.effect == pytest.approx(np.mean([0.5, -0.5, -1.0]))  # r2: higher is better
    assert (row.n, row.metric) == (3, "valid_r2")


def test_a_side_that_always_fails_loses(tmp_path):
    values = {"a": BASE, "b": [None] * 8}
    table = verdicts(tmp_path, values, [claim("a", "b", name="x"), claim("b", "a", name="y")])
    assert list(table.verdict) == ["supported", "refuted"]
    assert table.effect.isna().all()
    assert list(table.p_holm) == [2 * 2 * 0.5**8] * 2
    assert list(table.failed_than) == [8, 0]
    assert "failed" in table.why[0]


def test_a_failed_run_fails_its_group_in_that_seed(tmp_path):
    values = {"a": BASE, "b": BETTER, "c": [*BASE[:7], None]}
    row = verdicts(tmp_path, values, [claim("b", "ac")]).iloc[0]
    assert (row.test, row.n, row.failed_than) == ("sign", 8, 1)


def test_one_failure_among_clear_wins_is_undecided(tmp_path):
    values = {"a": BASE, "b": [None, *BETTER[1:]]}
    row = verdicts(tmp_path, values, [claim("b", "a")]).iloc[0]
    assert row.verdict == "undecided"  # 7 of 8 by signs: p = 0.07
    assert row.effect > 0


def test_a_stand_in_is_not_judged(tmp_path):
    table = verdicts(tmp_path, {"a": BASE, "b": BETTER}, [claim("b", "a")], edition="stand-in")
    row = table.iloc[0]
    assert row.verdict == "not judged"
    assert row.data == "stand-in"
    assert np.isnan([row.p, row.p_holm, row.more_seeds]).all()
    assert "stand-in" in row.why


def test_a_single_seed_is_undecided(tmp_path):
    row = verdicts(tmp_path, {"a": [2.0], "b": [1.0]}, [claim("b", "a")]).iloc[0]
    assert (row.verdict, row.effect, row.n) == ("undecided", 1.0, 1)
    assert np.isnan([row.low, row.p, row.more_seeds]).all()
    assert "Fewer than three seeds" in row.why


def test_nothing_but_failures(tmp_path):
    row = verdicts(tmp_path, {"a": [None] * 3, "b": [None] * 3}, [claim("b", "a")]).iloc[0]
    assert (row.verdict, row.n) == ("undecided", 0)


def test_epochs_can_be_claimed_and_unknown_metrics_not(tmp_path):
    epochs = {"a": [30, 35, 33, 31], "b": [20, 22, 21, 23]}
    values = {"a": [1.0] * 4, "b": [1.0] * 4}
    row = verdicts(tmp_path, values, [claim("b", "a", metric="epochs")], epochs=epochs).iloc[0]
    assert (row.effect, row.verdict) == (10.75, "supported")
    with pytest.raises(LabbookError, match=r"claim c1: metric 'valid_accuracy' .*valid_mse"):
        verdicts(tmp_path, values, [claim("b", "a", metric="valid_accuracy")])


def test_no_claims_leave_a_header(tmp_path):
    assert len(verdicts(tmp_path, {"a": [1.0]}, [])) == 0


def test_verdicts_on_noise_are_rarely_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels does so each time, which is slow
    draw = np.random.default_rng(5)
    wrong = 0
    results = make_study(tmp_path, {"a": [1.0] * 6, "b": [1.0] * 6, "c": [1.0] * 6}, claims=[
        claim("a", "b", name="x"), claim("b", "c", name="y"),
    ])  # fmt: skip
    for _ in range(200):
        for record in results.records.values():
            record.metrics["valid_mse"] = draw.normal()
        wrong += any(one.verdict != "undecided" for one in judge(results))
    assert wrong <= 0.05 * 200 + 2 * np.sqrt(200 * 0.05 * 0.95)
