"""The evaluation as a whole: files, curves, predictions, the champion, study.json."""

import hashlib
import json
import re
import sys
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pandas
import pytest
from safetensors.numpy import load_file

from labbook.commands.models import USE
from labbook.data.fitted import fit_columns
from labbook.data.prepared import FittedSplit, Prepared
from labbook.errors import LabbookError
from labbook.evaluate.champion import preprocessing
from labbook.evaluate.choice import Choice
from labbook.evaluate.curves.mean_curves import COLUMNS, MOST_EPOCHS, thin, write_curves
from labbook.evaluate.predictions import median_seed, write_confusion, write_predictions
from labbook.evaluate.study import evaluate, evaluate_study
from labbook.evaluate.study_json import unit
from labbook.evaluate.writing import null_for_nan
from labbook.files import read_json, write_json
from labbook.measures import metric_of
from labbook.params.claims import Metric
from labbook.provenance.nodes import TABLES
from labbook.report.page.answer import cautions
from labbook.report.study_results import read_results as read_study
from labbook.training.runfile import DIVERGED_LATER, UNFINISHED, read_run, run_path, write_run
from tests.conftest import ROOT
from tests.made_study import CLASSES, ROWS, FakePrepared, claim, made_results, make_study

FILES = {"study.json", "champion/champion.json", "champion/model.safetensors", *TABLES}
VALUES = {"a": [3.0, 2.0, 2.5], "b": [1.0, 2.0, 1.5], "c": [0.1, None, None]}


def files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def read(path):
    return pandas.read_csv(path, keep_default_na=False, na_values=[""])


def champion(folder):
    return read_json(folder / "champion/champion.json")


def test_equal_input_equal_bytes_and_all_files(tmp_path, monkeypatch):
    results = make_study(tmp_path / "runs", VALUES, claims=[claim("b", "a")])
    evaluate(results, tmp_path / "one")
    module = SimpleNamespace(read_prepared=lambda path: results.prepared)
    monkeypatch.setitem(sys.modules, "labbook.data.prepared", module)
    evaluate_study(results.study, tmp_path / "p", {}, tmp_path / "runs", tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert set(files(tmp_path / "one")) == FILES
    texts = [c for name, c in files(tmp_path / "one").items() if name.endswith((".csv", ".json"))]
    assert not any(b"\r" in content for content in texts)
    weights = {
        name
        for name in load_file(tmp_path / "one/champion/model.safetensors")
        if name.startswith("weights/")
    }
    assert weights == {
        f"weights/{a}.{b}" for a in ("linear1", "output") for b in ("weight", "bias")
    }
    for text in (USE, (ROOT / "docs/history.md").read_text()):  # they name weights as the file does
        assert {*re.findall(r"weights/<layer>\.(weight|bias)", text)} == {"weight", "bias"}
        assert "weights/<layer>/" not in text


def test_choice_is_by_validation_and_failures_count_as_worst(tmp_path):
    evaluate(make_study(tmp_path / "runs", VALUES), tmp_path / "out")
    about = champion(tmp_path / "out")
    # c has the best mean of finished runs, and failed twice; b beats the others most in seed 2
    assert (about["combination"], about["seed"], about["run"]) == ("b", 2, "010002")
    assert about["validation"]["n"] == 3
    assert about["validation"]["mean"] == pytest.approx(3 ** (1 / 3))
    assert about["test"]["mean"] == pytest.approx((1.02 * 1.52 * 2.02) ** (1 / 3))
    assert about["settings"] == {"optimizer.rate": 0.1}
    assert about["recipe"]["model"]["hidden"] == [4]
    prepared = FakePrepared()
    assert about["preprocessing"]["columns"][1] == {
        "name": "x1", "mean": prepared.split(2).mean[1], "scale": prepared.split(2).scale[1],
        "fill": prepared.split(2).fill[1],
    }  # fmt: skip
    model = tmp_path / "out/champion/model.safetensors"
    assert model.read_bytes() == run_path(tmp_path / "runs", "010002").read_bytes()
    assert about["sums"] == {"model.safetensors": hashlib.sha256(model.read_bytes()).hexdigest()}
    equal = make_study(tmp_path / "equal", {"b": [1.0, 1.0], "a": [1.0, 1.0]})
    evaluate(equal, tmp_path / "out")  # the study's order decides
    assert (champion(tmp_path / "out")["combination"], champion(tmp_path / "out")["seed"]) == (
        "b",
        0,
    )


def test_the_docs_rule_for_inputs_gives_what_the_network_sees():
    """Of a column that does not vary in the training rows, too: its scale is null."""
    features = np.column_stack([np.arange(8.0), np.full(8, 7.1), np.arange(8.0) ** 2])
    features[7, 1], features[2, 2] = 9.9, np.nan
    rows = np.arange(8, dtype=np.int32)
    split = FittedSplit(rows[:5], rows[5:7], rows[7:], **fit_columns(features[:5], "all"),
                  target_mean=0.0, target_scale=1.0)  # fmt: skip
    prepared = Prepared(
        kind="table", task="regression", features=features, target=np.arange(8.0), target_name="y",
        feature_names=("a", "b", "c"), classes=(), unlabelled_ids=(), source="p", edition="own", note="", splits={0: split},
    )  # fmt: skip
    results = SimpleNamespace(prepared=prepared, columns=lambda label, seed: None)
    columns = null_for_nan(preprocessing(results, Choice("a", 0)))["columns"]
    assert [column["scale"] is None for column in columns] == [False, True, False]
    for part, inputs in (("train", features[:5]), ("test", features[7:])):
        expected, _ = prepared.part(0, part)
        for number, column in enumerate(columns):
            filled = np.where(np.isnan(inputs[:, number]), column["fill"], inputs[:, number])
            scale = np.inf if column["scale"] is None else column["scale"]
            np.testing.assert_allclose((filled - column["mean"]) / scale, expected[:, number])
    assert "`scale: null`" in (ROOT / "docs/history.md").read_text()


def test_prediction_file_and_what_was_left_there(tmp_path):
    prepared = FakePrepared(unlabelled_rows=4)
    results = make_study(tmp_path / "runs", {"a": [2.0, 1.0]}, prepared=prepared)
    evaluate(results, tmp_path / "out")
    table = read(tmp_path / "out/champion/prediction.csv")
    assert list(table) == ["id", "cases"]
    assert list(table.id) == ["n,0", "n,1", "n,2", "n,3"]
    predicted = results.read("a", 1, "predictions").predictions["unlabelled"]
    assert table.cases.to_numpy(dtype=predicted.dtype).tolist() == predicted.tolist()
    evaluate(make_study(tmp_path / "runs", {"a": [2.0, 1.0]}), tmp_path / "out")
    assert set(files(tmp_path / "out")) == FILES
    evaluate(make_study(tmp_path / "runs", {"a": [None, None]}), tmp_path / "out")
    assert set(files(tmp_path / "out")) == FILES - {"champion/model.safetensors"}
    assert champion(tmp_path / "out")["combination"] is None
    assert read_json(tmp_path / "out/study.json")["chosen"] is None


def raised_bias(weights):
    weights["output.bias"][0] += 0.01


def without_a_column(weights):
    weights["output.weight"] = weights["output.weight"][:, :2]


CHANGES = [
    (10.0, lambda weights: weights["output.weight"].__imul__(1.01)),
    (10.0, without_a_column),
    (10.0, lambda weights: weights.pop("output.weight")),
    # A share of the predictions' size would hide it: 1e-5 of 1.7e9 is 17,000.
    *((mean, raised_bias) for mean in (0.0, 10.0, 1.7e9)),
]


@pytest.mark.parametrize(("mean", "change"), CHANGES)
def test_weights_that_do_not_fit_their_predictions(tmp_path, mean, change):
    results = make_study(tmp_path / "runs", {"a": [1.0]}, prepared=FakePrepared(mean=mean))
    evaluate(results, tmp_path / "whole")
    path = run_path(tmp_path / "runs", "000000")
    record = read_run(path, ("curves", "weights", "predictions"))
    change(record.weights)
    write_run(path, record)
    with pytest.raises(LabbookError, match=r"000000.*do not give the validation predictions"):
        evaluate(results, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("metric", get_args(Metric))
def test_only_errors_are_in_units_of_the_target(metric):
    power = metric_of(metric).power
    assert power == (
        2 if metric.endswith("_mse") else metric.endswith(("mae", "rmse", "median_error"))
    )
    assert ("MEDV" in unit(metric, "MEDV")) == (power > 0)
    no_unit = metric.endswith("r2") or metric_of(metric).task == "classification"
    assert unit(metric, "MEDV") or no_unit


def test_a_run_that_diverged_after_its_best_epoch_has_the_figures_of_that_epoch(tmp_path):
    """It counts as any other, is counted as what it is, and never got to an end of its training."""
    ended = {"a": [DIVERGED_LATER, "stopped early"], "b": "stopped early"}
    results = make_study(
        tmp_path, {"a": [1.0, 2.0], "b": [3.0, None]}, ended=ended, metric="last_valid_loss"
    )
    assert results.values("a", "valid_mse").tolist() == [1.0, 2.0]
    assert np.isnan(results.values("a", "epochs")).tolist() == [True, False]
    whole = read_run(results.path("a", 0), ("curves",)).curves["valid_loss"]
    assert len(results.curves("a", 0)["valid_loss"]) == len(whole) - 1
    assert results.values("a", "last_valid_loss").tolist() == [whole[-2], 2.0]
    evaluate(results, tmp_path / "out")
    table = pandas.read_csv(tmp_path / "out/combinations.csv").set_index(["combination", "metric"])
    a = table.loc["a", "valid_mse"]
    assert (a.n, a.diverged, a.diverged_later) == (2, 0, 1)
    runs = pandas.read_csv(tmp_path / "out/runs.csv")
    assert runs.ended[0] == "diverged after its best epoch"
    assert runs.valid_mse[0] == 1.0
    said = cautions(read_study(tmp_path / "out"))
    assert any(
        text.startswith("Good at their best epoch and lost since: a (1 run)") for text in said
    )


def test_study_json(tmp_path):
    results = make_study(tmp_path / "runs", VALUES, claims=[claim("b", "a")])
    record = results.read("a", 0, "curves", "weights", "predictions")
    unfinished = type(record)(**(vars(record) | {"ended": UNFINISHED}))
    results.records["a", 0] = unfinished
    evaluate(results, tmp_path / "out")
    about = read_json(tmp_path / "out/study.json")
    assert about["data"] == {
        "name": "made", "edition": "real", "kind": "table", "task": "regression", "rows": ROWS,
        "columns": 3, "shape": [3], "unlabelled": 0, "target": "cases.2", "classes": [], "remarks": [],
    }  # fmt: skip
    assert about["sizes"] == {"train": 18, "valid": 7, "test": 5}
    assert about["diverged"] == {"c": 2}
    assert about["unfinished"] == {"a": 1}
    assert about["endings"]["stopped early"] == 6
    assert (about["runs"], about["seeds"], about["single_seed"]) == (9, [0, 1, 2], False)
    assert about["chosen"]["label"] == "b"
    assert about["chosen"]["settings"] == {"optimizer.rate": "0.1"}
    assert about["chosen"]["layers"] == [["linear", [1], 4]]
    assert about["unit"]["valid_mse"] == "square of cases.2"
    assert about["higher_is_better"]["valid_r2"] is True
    assert sum(about["verdicts"].values()) == 1


def test_scores_of_chosen_features(tmp_path):
    path = tmp_path / "f_regression-2.json"
    splits = {
        "0": {"columns": [0, 2], "scores": [5.0, 1.0, 9.0]},
        "1": {"columns": [1, 2], "scores": [None, 2.0, 7.0]},
    }
    features = ["x0", "x1", "x2"]
    selection = {"method": "f_regression", "k": 2, "features": features, "splits": splits}
    write_json(path, selection)
    results = make_study(tmp_path / "runs", {"a": [1.0, 2.0]}, selections={"a": path})
    found = results.columns("a", 1)
    assert found is not None
    assert found.tolist() == [1, 2]
    with pytest.raises(LabbookError, match="no columns for seed 7"):
        results.columns("a", 7)
    with pytest.raises(LabbookError, match="do not give"):  # made with three columns, not two
        evaluate(results, tmp_path / "out")
    from labbook.evaluate.study_json import summarise

    chosen = summarise(results, Choice("a", 0), [])["chosen"]["features"]
    assert chosen == {
        "method": "f_regression", "k": 2, "splits": 2,
        "best": [
            {"feature": "x2", "score": 8.0, "chosen": 2},
            {"feature": "x0", "score": 5.0, "chosen": 1},
            {"feature": "x1", "score": 1.5, "chosen": 1},
        ],
    }  # fmt: skip


def test_curves(tmp_path):
    results = made_results({"a": [1.0, 1.0, 1.0, 1.0]}, epochs={"a": [10, 20, 30, 40]})
    write_curves(results, tmp_path / "c.csv")
    table = read(tmp_path / "c.csv")
    assert tuple(table) == COLUMNS
    assert table.epoch.tolist() == list(range(1, 31))  # then only one of four is left
    assert table.n.tolist() == [4] * 10 + [3] * 10 + [2] * 10
    losses = [np.geomspace(10, 1, n)[14] for n in (20, 30, 40)]
    row = table[table.epoch == 15].iloc[0]
    assert row.valid_mean == pytest.approx(np.exp(np.mean(np.log(losses))))
    assert row.train_mean == pytest.approx(0.9 * row.valid_mean)
    assert row.valid_low < row.valid_mean < row.valid_high
    write_curves(made_results({"a": [None, None], "b": [1.0, None]}), tmp_path / "c.csv")
    table = read(tmp_path / "c.csv")
    a, b = table[table.combination == "a"], table[table.combination == "b"]
    assert (a.epoch.tolist(), a.n.tolist()) == ([1], [2])
    assert b.n.tolist() == [2] + [1] * 19
    assert np.isnan(b.valid_low.iloc[-1])


@pytest.mark.parametrize("epochs", [0, 1, 150, 151, 3000, 30000])
def test_thinning(epochs):
    kept = thin(epochs)
    assert len(kept) == epochs if epochs <= MOST_EPOCHS else 100 < len(kept) <= MOST_EPOCHS
    assert (np.diff(kept) > 0).all()
    assert not epochs or (kept[0], kept[-1]) == (1, epochs)


def test_predictions_of_the_median_run(tmp_path, monkeypatch):
    prepared = FakePrepared(columns=1)
    results = made_results({"a": [3.0, 1.0, 2.0, None]}, prepared=prepared, whole=True)
    assert median_seed(results, "a") == 2
    predicted = results.records["a", 2].predictions["valid"]
    monkeypatch.setattr(type(results), "read", lambda self, *place: self.records[place[:2]])
    write_predictions(results, tmp_path / "p.csv")
    table, rows = read(tmp_path / "p.csv"), prepared.split(2).valid
    assert list(table) == ["combination", "seed", "part", "row", "x", "true", "predicted"]
    assert table.row.tolist() == rows.tolist()
    assert table.x.tolist() == prepared.features[rows, 0].tolist()
    assert table.true.tolist() == prepared.target[rows].tolist()
    assert table.predicted.to_numpy(dtype=predicted.dtype).tolist() == predicted.tolist()
    monkeypatch.setattr("labbook.evaluate.predictions.MOST_ROWS", 4)  # more are thinned
    write_predictions(made_results({"a": [1.0], "b": [None]}, whole=True), tmp_path / "p.csv")
    table = read(tmp_path / "p.csv")
    assert table.row.tolist() == FakePrepared().split(0).valid[[0, 2, 4, 6]].tolist()
    assert table.x.isna().all()


class ManyClasses:
    """StudyRuns of two seeds and 297 classes, in which only the first 40 are ever confused."""

    labels = ("a", "b")
    study = SimpleNamespace(task="classification", seeds=(0, 1))

    def __init__(self):
        self.prepared = SimpleNamespace(
            classes=tuple(f"{i / 4}" for i in range(297)),
            target=np.arange(600) % 297,
            split=lambda seed: SimpleNamespace(valid=np.arange(500), test=np.arange(500, 600)),
        )

    def read(self, label, seed, group):
        draw = np.random.default_rng([seed, ord(label)])
        guesses = np.where(
            self.prepared.target < 40, draw.integers(0, 40, 600), self.prepared.target
        )
        guesses[297:330] = 200  # and some others among themselves
        outputs = np.eye(297)[guesses]
        return SimpleNamespace(predictions={"valid": outputs[:500], "test": outputs[500:]})


def test_confusion_of_very_many_classes_is_bounded_and_complete(tmp_path):
    write_confusion(ManyClasses(), "b", tmp_path / "confusion.csv")
    table = read(tmp_path / "confusion.csv")
    assert len(table) == 3 * 31 * 32
    counts = table.groupby(["combination", "part"])["count"].sum()
    assert counts.to_dict() == {("a", "valid"): 1000, ("b", "valid"): 1000, ("b", "test"): 200}
    results = ManyClasses()
    for label in "ab":
        found = [results.read(label, seed, "predictions").predictions["valid"] for seed in (0, 1)]
        right = sum((one.argmax(axis=1) == results.prepared.target[:500]).sum() for one in found)
        mine = table[(table.combination == label) & (table.part == "valid")]
        assert mine[mine.true.astype(str) == mine.predicted.astype(str)]["count"].sum() == right
    assert {*table.true[-1:]} == {"(267 other classes)"}
    assert {*table.predicted} - {*table.true} == {"(another of these)"}


def test_confusion(tmp_path):
    values = {"a": [0.9, 0.8], "b": [0.5, None]}
    results = make_study(tmp_path / "runs", values, task="classification")
    evaluate(results, tmp_path / "out")
    table = read(tmp_path / "out/confusion.csv")
    counts = table.groupby(["combination", "part"])["count"].sum()
    assert counts.to_dict() == {("a", "test"): 10, ("a", "valid"): 14, ("b", "valid"): 7}
    assert len(table) == 27
    assert set(table.true) == set(CLASSES)
    predictions = [results.read("a", s, "predictions").predictions["valid"] for s in (0, 1)]
    true = [results.prepared.target[results.prepared.split(s).valid] for s in (0, 1)]
    hits = sum(int((p.argmax(1) == t).sum()) for p, t in zip(predictions, true, strict=True))
    a = table[(table.combination == "a") & (table.part == "valid")]
    assert a[a.true == a.predicted]["count"].sum() == hits
    about = champion(tmp_path / "out")
    assert (about["metric"], about["higher_is_better"]) == ("valid_accuracy", True)
    assert about["preprocessing"]["classes"] == list(CLASSES)


def test_hostile_labels_survive_everywhere(tmp_path):
    label = 'x, "y"\nz'
    results = make_study(tmp_path / "runs", {label: [1.0, 2.0], "b": [2.0, 3.0]})
    evaluate(results, tmp_path / "out")
    for name in ("runs", "combinations", "curves", "predictions"):
        assert label in set(read(tmp_path / f"out/{name}.csv").combination)
    assert json.loads((tmp_path / "out/study.json").read_text())["chosen"]["label"] == label
