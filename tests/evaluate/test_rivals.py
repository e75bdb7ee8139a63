"""The chosen network against rivals: judged as claims are, by test rows, corrected over rivals."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labbook.evaluate.choice import Choice
from labbook.evaluate.claims.judge import judge
from labbook.evaluate.explained import _importance, write_explained
from labbook.evaluate.measures import write_classes, write_measures
from labbook.evaluate.network_answers import Answers, Source
from labbook.evaluate.rates import write_rates
from labbook.evaluate.rivals import write_rivals
from labbook.evaluate.study import evaluate
from labbook.evaluate.study_runs import StudyRuns
from labbook.rivals.file import NAMES, PARTS, Rivals
from labbook.training.runfile import read_run, write_run
from tests.made_study import FakePrepared, claim, made_results, make_study

SEEDS = 8
# By how much the rivals' predictions are off on test rows: their squares are the test MSE.
OFF = dict(zip(NAMES["regression"], (4.0, 2.0, 1.0, 1.02, 0.5), strict=True))


def against(off: dict[str, float] = OFF, **options) -> StudyRuns:
    """A study whose network has a test MSE of about 1, beside rivals that are off by so much."""
    draw = np.random.default_rng(0)
    values = {"net": (0.98 + 0.002 * draw.normal(size=SEEDS)).tolist(), "worse": [3.0] * SEEDS}
    results = made_results(values, **options)
    predictions = {}
    for name, error in off.items():
        for seed in range(SEEDS):
            for part in PARTS:
                rows = getattr(results.prepared.split(seed), part)
                spread = 1 + 0.001 * draw.normal()
                predictions[name, seed, part] = results.prepared.target[rows] + error * spread
    rivals = Rivals(tuple(off), tuple(range(SEEDS)), {}, predictions)
    return replace(results, rivals=rivals)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def judged(results: StudyRuns, tmp_path: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    sentences = write_rivals(results, Choice("net", 0), tmp_path / "rivals.csv")
    return {row["rival"]: row for row in rows_of(tmp_path / "rivals.csv")}, sentences


def test_verdicts_are_those_of_claims(tmp_path: Path) -> None:
    rows, sentences = judged(against(), tmp_path)
    kinds = {name: (row["verdict"], row["kind"]) for name, row in rows.items()}
    assert kinds == {
        "the constant": ("supported", "as claimed"),
        "a straight line": ("supported", "as claimed"),
        "nearest neighbours": ("refuted", "no relevant difference"),
        "a random forest": ("refuted", "no relevant difference"),
        "gradient boosting": ("refuted", "opposite"),
    }
    assert [name for name, row in rows.items() if row["best"]] == ["gradient boosting"]
    line = rows["a straight line"]
    assert line["metric"] == "test_mse"
    assert float(line["mean"]) == pytest.approx(4, rel=0.01)
    assert float(line["effect"]) == pytest.approx(0.25, rel=0.01)  # the network's by the rival's
    assert float(line["low"]) < float(line["effect"]) < float(line["high"])
    assert sentences[0].startswith(
        "net does not beat gradient boosting, the best of 5 rivals by validation rows: test MSE ×"
    )
    assert sentences[0].endswith("; refuted).")
    assert sentences[1] == (
        "It beats the constant and a straight line; it does not beat nearest neighbours and a "
        "random forest."
    )
    assert "best of 2 combinations" in sentences[2]


def test_it_is_said_whether_rivals_are_tuned(tmp_path: Path) -> None:
    results = against()
    assert "as they come, not tuned." in judged(results, tmp_path)[1][-1]
    tuned = replace(results, study=replace(results.study, rivals="tuned"))
    assert "the rivals are tuned on validation rows" in judged(tuned, tmp_path)[1][-1]


def test_who_wins_is_said_first(tmp_path: Path) -> None:
    worse = dict.fromkeys(OFF, 2.0)
    _, sentences = judged(against(worse), tmp_path)
    assert sentences[0].startswith("net beats ")
    assert sentences[0].endswith("; supported).")


def test_nothing_is_judged_on_a_stand_in(tmp_path: Path) -> None:
    rows, sentences = judged(against(edition="stand-in"), tmp_path)
    assert {row["verdict"] for row in rows.values()} == {"not judged"}
    assert "not judged on a stand-in" in sentences[0]
    assert "beat" not in " ".join(sentences[:2])


@pytest.mark.parametrize("metric", ["epochs", "train_mae", "valid_rmse"])
def test_the_study_s_metric_counts_on_test_rows(tmp_path: Path, metric: str) -> None:
    results = against()
    if metric == "valid_rmse":  # no run file has it
        records = {
            at: replace(
                run,
                metrics=run.metrics
                | {f"{part}_rmse": run.metrics[f"{part}_mse"] ** 0.5 for part in PARTS},
            )
            for at, run in results.records.items()
        }
        results = replace(results, records=records)
    results = replace(results, study=replace(results.study, metric=metric))
    rows, _ = judged(results, tmp_path)
    expected = {"epochs": "test_mse", "train_mae": "test_mae", "valid_rmse": "test_rmse"}[metric]
    assert {row["metric"] for row in rows.values()} == {expected}


def test_without_rivals_or_a_choice_there_is_only_a_header(tmp_path: Path) -> None:
    for results, choice in ((replace(against(), rivals=None), Choice("net", 0)), (against(), None)):
        assert write_rivals(results, choice, tmp_path / "rivals.csv") == []
        assert rows_of(tmp_path / "rivals.csv") == []


def test_measures_of_all_that_is_compared(tmp_path: Path) -> None:
    """One class alone in some test parts: said, and the mean is over the others."""
    prepared = FakePrepared("classification")
    prepared.target = np.where(np.arange(30) < 27, 0, 1)
    results = make_study(
        tmp_path / "runs", {"a": [0.8] * 4, "b": [0.7] * 4, "c": [0.6, 0.6, 0.6, None]},
        task="classification", prepared=prepared,
    )  # fmt: skip
    alone = sum(len(set(prepared.target[prepared.split(seed).test])) == 1 for seed in range(4))
    assert 0 < alone < 4
    write_measures(results, Choice("c", 0), tmp_path / "measures.csv")
    rows = rows_of(tmp_path / "measures.csv")
    assert list(dict.fromkeys(row["who"] for row in rows)) == ["c", "a", "the constant"]
    auc = {row["who"]: row for row in rows if (row["part"], row["metric"]) == ("test", "roc_auc")}
    assert int(auc["a"]["n"]) == 4 - alone
    assert f"not defined in {alone} of 4: one class" in auc["a"]["note"]
    assert "1 of 4 failed" in auc["c"]["note"]
    untold = results.untold("a", "test_roc_auc")
    assert untold.sum() == alone  # no failure of a run
    assert not results.untold("c", "test_accuracy").any()


def test_classes_and_their_curves(tmp_path: Path) -> None:
    results = make_study(
        tmp_path / "runs", {"a": [0.8] * 4, "b": [0.7, None, 0.7, 0.7]}, task="classification"
    )
    for name, write in (("classes", write_classes), ("rates", write_rates)):
        write(results, Choice("b", 0), tmp_path / f"{name}.csv")
    rows = rows_of(tmp_path / "classes.csv")
    assert [(row["part"], row["class"]) for row in rows[:3]] == [
        ("valid", name) for name in results.prepared.classes
    ]
    assert {row["n"] for row in rows} == {"3"}
    curves = rows_of(tmp_path / "rates.csv")
    assert {row["curve"] for row in curves} == {"roc", "precision", "calibration"}
    for row in curves:
        assert 0 <= float(row["mean"]) <= 1
    roc = [row for row in curves if row["curve"] == "roc" and row["class"] == "cat"]
    rising = [float(row["mean"]) for row in roc]
    assert rising == sorted(rising)
    assert rising[-1] == 1


def test_only_columns_that_matter_to_the_network_are_important(tmp_path: Path) -> None:
    """The made networks see all columns; of one whose weights are 0 a shuffle changes nothing."""
    results = make_study(tmp_path / "runs", {"a": [1.0] * 6})
    for seed in range(6):
        path = results.path("a", seed)
        record = read_run(path, ("curves", "weights", "predictions"))
        record.weights["linear1.weight"][:, 1] = 0
        write_run(path, record)
    write_explained(results, Choice("a", 0), tmp_path)
    rows = rows_of(tmp_path / "permutation.csv")
    assert {row["column"] for row in rows} == {"x0", "x1", "x2"}
    (still,) = [row for row in rows if row["column"] == "x1"]
    assert [float(still[name]) for name in ("effect", "low", "high")] == [1, 1, 1]
    assert any(float(row["effect"]) != 1 for row in rows)
    flat = [row["mean"] for row in rows_of(tmp_path / "dependence.csv") if row["column"] == "x1"]
    assert len(set(flat)) == 1
    again = tmp_path / "again"
    write_explained(results, Choice("a", 0), again)
    for name in ("permutation.csv", "dependence.csv"):
        assert (tmp_path / name).read_bytes() == (again / name).read_bytes()


def test_all_columns_of_a_category_are_dealt_out_together() -> None:
    """The network looks at the second of its columns alone; the third of the table is another."""
    draw = np.random.default_rng(0)
    level = draw.integers(0, 2, 200)
    features = np.column_stack([level == 0, level == 1, draw.normal(size=200)]).astype(float)
    target = features[:, 1] + 0.1 * draw.normal(size=200)
    networks = [
        Answers(seed, features, target, lambda rows: rows[:, 1], np.arange(3)) for seed in range(6)
    ]
    columns = [Source("colour", slice(0, 2), None), Source("size", slice(2, 3), None)]
    results = made_results({"a": [1.0] * 6})
    effects = {row[0]: row[3] for row in _importance(results, networks, columns)}
    assert effects["colour"] > 10
    assert effects["size"] == 1


def test_a_claim_may_name_a_measure_of_predictions(tmp_path: Path) -> None:
    """It is taken of stored predictions, stands in runs.csv, and trains nothing."""
    asked = claim("a", "b", metric="valid_rmse")
    values = {"a": [1.0] * 6, "b": [2.0] * 5 + [None]}
    results = make_study(tmp_path / "runs", values, claims=[asked], metric="test_median_error")
    assert results.metrics[-3:] == ("test_median_error", "valid_median_error", "valid_rmse")
    record = read_run(results.path("a", 2), ("predictions",))
    true = results.prepared.target[results.prepared.split(2).valid]
    rmse = float(np.sqrt(np.mean((record.predictions["valid"] - true) ** 2)))
    assert results.values("a", "valid_rmse")[2] == pytest.approx(rmse)
    assert np.isnan(results.values("b", "valid_rmse")[5])  # it diverged, and counts as worst
    assert not results.untold("b", "valid_rmse").any()
    (judgement,) = judge(results)
    assert judgement.outcome.n == 6
    assert judgement.outcome.scale == "ratio"
    evaluate(results, tmp_path / "out")
    runs = rows_of(tmp_path / "out/runs.csv")
    assert float(runs[2]["valid_rmse"]) == pytest.approx(rmse)
