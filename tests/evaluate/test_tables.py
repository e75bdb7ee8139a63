"""The tables of runs, combinations and comparisons."""

import csv
import io
from dataclasses import replace

import numpy as np
import pandas
import pytest
from scipy import stats

from labbook.curve_metrics import CURVE_METRICS
from labbook.errors import LabbookError
from labbook.evaluate.study_runs import read_study_runs, setting_text
from labbook.evaluate.tables import write_combinations, write_comparisons, write_runs, write_table
from labbook.params.features import Features
from labbook.params.studies import Published
from labbook.training.runfile import run_path, write_run
from tests.made_study import claim, made_results, make_study, recipe

HOSTILE = 'a,"b"\nc\r</td>;=1'


def read(path):
    return pandas.read_csv(path, keep_default_na=False, na_values=[""])


def test_hostile_text_and_numbers_survive(tmp_path):
    numbers = [0.1 + 0.2, 1e-300, 12345678901234567.0, np.float64(1) / 3]
    rows = [[HOSTILE, *numbers], ["a\rb", None, 1, 2.0, float("nan")]]
    write_table(tmp_path / "t.csv", pandas.DataFrame(rows, columns=["text", *"abcd"], dtype=object))
    text = (tmp_path / "t.csv").read_bytes().decode()
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[1][0] == HOSTILE
    assert [float(field) for field in found[1][1:]] == numbers
    assert found[2] == ["a\rb", "", "1", "2.0", ""]
    assert read(tmp_path / "t.csv").text[0] == HOSTILE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([32, 16, 8], "32-16-8"), ([], ""), (1e-5, "1e-05"), (True, "true"), (None, ""),
        ("relu", "relu"), ({"b": 1, "a": [2]}, '{"a": [2], "b": 1}'), ([0.1, 0.5], "0.1-0.5"),
        (Features(method="variance", k=3), '{"k": 3, "method": "variance", "names": null}'),
    ],
)  # fmt: skip
def test_settings_as_text(value, text):
    assert setting_text(value) == text


def test_runs_table(tmp_path):
    settings = {"a": {"model.hidden": [8, 4]}, "b": {"optimizer.rate": 0.5}}
    results = made_results({"a": [1.0, 2.0], "b": [3.0, None]}, settings=settings)
    write_runs(results, tmp_path / "runs.csv")
    table = read(tmp_path / "runs.csv")
    assert list(table) == [
        "run", "combination", "seed", "model.hidden", "optimizer.rate", "ended", "epochs",
        "best_epoch", "parameters", "train_mse", "train_mae", "train_r2", "valid_mse",
        "valid_mae", "valid_r2", "test_mse", "test_mae", "test_r2",
    ]  # fmt: skip
    # what a combination does not vary is its recipe's
    assert list(table["model.hidden"].astype(str)) == ["8-4", "8-4", "4", "4"]
    assert list(table["optimizer.rate"]) == [0.01, 0.01, 0.5, 0.5]
    assert list(table.ended) == ["stopped early"] * 3 + ["diverged"]
    assert list(table.parameters) == [4, 4, 4, 0]
    assert table.valid_mse[:3].tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(table.valid_mse[3])


def from_runs(table, metric, label):
    """A combination's values by seed from its runs' rows alone, as docs/evidence.md says."""
    rows = table[table.combination == label].sort_values("seed")
    return rows[metric].where(rows.ended != "diverged").to_numpy(float)


def test_runs_table_has_the_metrics_of_claims_and_of_the_study_once(tmp_path):
    asked = [name for name in CURVE_METRICS if name != "vanishing"]
    claims = [claim("a", "b", metric=name, name=f"c{i}") for i, name in enumerate(asked)]
    values = {"a": [1.0, 2.0, 3.0], "b": [0.5, None, 5.0]}
    results = made_results(
        values, claims=[*claims, claim("a", "b", "epochs")], metric="settled_epoch"
    )
    write_runs(results, tmp_path / "runs.csv")
    header = (tmp_path / "runs.csv").read_text().splitlines()[0].split(",")
    assert len(set(header)) == len(header)
    table = read(tmp_path / "runs.csv")
    for metric in [*asked, "epochs", "valid_mse", "test_r2"]:
        for label in values:
            found = from_runs(table, metric, label)
            if metric == "best_epoch":  # that of the kept weights, by the engine
                expected = [float(v is not None) * 15 or np.nan for v in values[label]]
            else:
                expected = results.values(label, metric)
            np.testing.assert_array_equal(found, expected)
            assert np.isfinite(found).any(), metric


def test_figures_of_a_source_have_their_metric_in_the_runs_table(tmp_path):
    given = Published.model_validate(
        {"of": {"optimizer.rate": 0.1}, "metric": "valid_roughness", "values": [1], "source": "s"}
    )
    made = made_results({"a": [0.5, 0.6]})
    block = made.study.block.model_copy(update={"published": [given]})
    results = replace(made, study=replace(made.study, block=block))
    write_runs(results, tmp_path / "runs.csv")
    assert read(tmp_path / "runs.csv").valid_roughness.notna().all()


def test_combinations_table(tmp_path):
    values = {"a": [1.0, 2.0, 3.0, 6.0], "b": [None, 5.0, None, 7.0], "c": [None] * 4}
    write_combinations(made_results(values), tmp_path / "t.csv")
    table = read(tmp_path / "t.csv").set_index(["combination", "metric"])
    assert list(table) == [
        "optimizer.rate", "n", "mean", "low", "high", "median", "best", "worst", "deviation",
        "mark", "runs", "converged", "stopped_early", "stalled", "used_up", "unfinished",
        "diverged", "diverged_later", "diverged_low", "diverged_high",
    ]  # fmt: skip
    a = table.loc["a", "valid_mse"]
    assert (a.n, a["median"], a.best, a.worst) == (4, 2.5, 1.0, 6.0)
    assert a["mean"] == pytest.approx(6**0.5)  # errors: the geometric mean
    assert a.deviation == pytest.approx(np.std([1, 2, 3, 6], ddof=1))
    expected = stats.ttest_1samp(np.log([1, 2, 3, 6]), 0).confidence_interval()
    assert (a.low, a.high) == pytest.approx((np.exp(expected.low), np.exp(expected.high)))
    assert a.mark == "few seeds"
    assert table.loc["b", "valid_mse"].mark == "2 of 4 ended; few seeds"
    assert (table.loc["a", "valid_r2"].best, table.loc["a", "valid_r2"].worst) == (6.0, 1.0)
    b = table.loc["b", "valid_mse"]
    assert (b.n, b.runs, b.diverged, b.stopped_early) == (2, 4, 2, 2)
    assert b["mean"] == pytest.approx(35**0.5)
    assert (b.diverged_low, b.diverged_high) == pytest.approx(
        tuple(stats.binomtest(2, 4).proportion_ci())
    )
    c = table.loc["c", "valid_mse"]
    assert (c.n, c.mark, c.diverged) == (0, "no run", 4)
    assert np.isnan(c["mean"])
    assert table.loc["b", "epochs"].n == 2


def test_comparisons_table(tmp_path):
    draw = np.random.default_rng(0)
    base = draw.lognormal(1, 0.2, 8)
    values = {
        "reference": list(base), "worse": list(base * draw.lognormal(0.2, 0.1, 8)),
        "better": list(base * draw.lognormal(-0.2, 0.1, 8)), "same": list(base),
        "failing": [None] * 8,
    }  # fmt: skip
    write_comparisons(made_results(values), tmp_path / "t.csv")
    table = read(tmp_path / "t.csv").set_index("combination")
    assert list(table) == [
        "reference", "metric", "scale", "n", "effect", "low", "high", "failed",
        "failed_reference", "test", "p", "p_holm", "direction",
        "better_in", "better_low", "better_high",
    ]  # fmt: skip
    assert list(table.direction) == ["worse", "better", "unclear", "worse"]
    worse = table.loc["worse"]
    found = stats.ttest_rel(np.log(values["worse"]), np.log(values["reference"]))
    assert worse.p == pytest.approx(found.pvalue)
    assert (worse.low, worse.high) == pytest.approx(tuple(np.exp(found.confidence_interval())))
    assert worse.effect == pytest.approx(stats.gmean(values["worse"]) / stats.gmean(base))
    assert table.loc["failing"].p == 2 * 0.5**8
    assert table.loc["failing"].failed == 8
    assert np.isnan(table.loc["failing", ["effect", "low", "high"]].astype(float)).all()
    assert "-0.0" not in (tmp_path / "t.csv").read_text()


def test_epochs_that_some_did_not_reach_are_compared_as_such(tmp_path):
    budget = recipe(training={"batch": "all", "epochs": 50, "tolerance": 1e-3})
    epochs = {"a": [10, 12, 14, 16, 18, 20, 22, 24], "b": [50] * 8}
    results = made_results(
        {"a": [1.0] * 8, "b": [1.0] * 8}, metric="epochs", epochs=epochs, base=budget,
        ended={"a": "converged", "b": "budget used up"},
    )  # fmt: skip
    write_comparisons(results, tmp_path / "t.csv")
    row = read(tmp_path / "t.csv").iloc[0]
    assert (row.test, row.p, row.direction) == ("signed-rank", 2 / 2**8, "worse")
    assert row.low > 2
    assert np.isnan(row.high)
    write_combinations(results, tmp_path / "c.csv")
    table = read(tmp_path / "c.csv").set_index(["combination", "metric"])
    assert table.loc["b", "epochs"].mark == "median; 0 of 8 reached the tolerance"
    assert np.isnan(table.loc["b", "epochs"].best)  # nobody got there
    results = made_results(
        {"a": [None, 1.0, 1.0, 1.0]}, base=budget, epochs={"a": [2, 12, 9, 50]}, metric="epochs",
        ended={"a": ["diverged", "converged", "converged", "budget used up"]},
    )  # fmt: skip
    write_combinations(results, tmp_path / "c.csv")
    row = read(tmp_path / "c.csv").set_index("metric").loc["epochs"]  # the fewest that got there
    assert (row.best, row.n, row.mark) == (9, 4, "median; 2 of 4 reached the tolerance")


def test_means_say_how_many_runs_they_leave_out(tmp_path):
    values = {"a": [1.0] * 19 + [None], "b": [1.0] * 20}
    results = made_results(values, metric="settled_epoch")
    flat = replace(
        results.records["b", 3], curves={"train_loss": np.ones(9), "valid_loss": np.ones(9)}
    )
    results = replace(results, records={**results.records, ("b", 3): flat})
    write_combinations(results, tmp_path / "c.csv")
    table = read(tmp_path / "c.csv").set_index(["combination", "metric"])
    assert table.loc["a", "valid_mse"].mark == "19 of 20 ended"
    assert table.loc["b", "settled_epoch"].mark == "19 of 20 have a value"  # one learnt nothing
    assert np.isnan(table.loc["b", "valid_mse"].mark)


def test_higher_is_better_turns_the_direction(tmp_path):
    values = {"a": [0.5, 0.51, 0.52, 0.5, 0.5, 0.5], "b": [0.9, 0.92, 0.9, 0.91, 0.9, 0.93]}
    results = made_results(values, task="classification")
    write_comparisons(results, tmp_path / "t.csv")
    row = read(tmp_path / "t.csv").iloc[0]
    assert row.direction == "better"
    assert row.low < row.effect == pytest.approx(0.4, abs=0.02)


def test_a_single_seed_is_marked_and_one_combination_has_no_comparison(tmp_path):
    results = made_results({"a": [1.0]})
    write_combinations(results, tmp_path / "t.csv")
    table = read(tmp_path / "t.csv")
    assert set(table.mark) == {"single seed"}
    assert table[["low", "high", "deviation"]].isna().all(axis=None)
    write_comparisons(results, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().count("\n") == 1


def test_missing_and_exchanged_run_files(tmp_path):
    results = make_study(tmp_path, {"a": [1.0, 2.0]})
    record = results.read("a", 1, "curves")
    write_run(run_path(tmp_path, "000000"), record)
    again = (results.study, results.prepared, {}, tmp_path)
    with pytest.raises(LabbookError, match="holds the run 000001"):
        read_study_runs(*again)
    run_path(tmp_path, "000000").unlink()
    with pytest.raises(LabbookError, match="not a whole run file"):
        read_study_runs(*again)
