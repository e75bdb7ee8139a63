"""The tiny configuration drives the whole chain: what comes out, judged by meaning."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from labbook.data.prepared import read_prepared
from labbook.evaluate.all_claims import ADDED
from labbook.evaluate.claims.sides import Side
from labbook.evaluate.statistics.intervals import oriented
from labbook.evaluate.study_runs import read_study_runs
from labbook.paths import RUNS
from labbook.provenance.graph import Graph
from labbook.report.result_tables import measured
from labbook.training.runfile import read_run
from tests.results_check import findings
from tests.workflow.project import Project

STUDIES = (
    "covid-features", "boston-optimizer", "boston-rate", "function-degree", "digits-kernel", "leaves-features",
)  # fmt: skip


def test_every_run_is_trained_once_and_nothing_is_left_to_do(tiny_done: Project) -> None:
    trained = tiny_done.trained()
    assert len(list((tiny_done.folder / "results/runs").iterdir())) == 130
    assert len(trained) == len(set(trained)) == 130
    assert "Nothing to be done" in tiny_done.snakemake()


def test_the_tables_make_sense(tiny_done: Project) -> None:
    for study in STUDIES:
        runs = tiny_done.table(f"results/{study}/runs.csv")
        combinations = tiny_done.table(f"results/{study}/combinations.csv")
        assert {row["combination"] for row in runs} == {row["combination"] for row in combinations}
        for row in combinations:
            if all(row[name] for name in ("low", "mean", "high")):
                assert float(row["low"]) <= float(row["mean"]) <= float(row["high"])
            else:
                assert row["metric"] == "epochs" or row["n"] in ("0", "1")
        for row in tiny_done.table(f"results/{study}/verdicts.csv"):
            assert row["verdict"] in {"supported", "refuted", "undecided", "not judged"}
    assert findings(tiny_done.folder / "results") == []  # fit to be published
    assert set(STUDIES) <= set(json.loads((tiny_done.folder / "results/metrics.json").read_text()))


def test_each_claim_can_be_computed_from_the_runs_table(
    tiny_done: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_done.folder)
    graph = Graph.load()
    compared = []
    for name, study in graph.plan.studies.items():
        rows = tiny_done.table(f"results/{name}/runs.csv")
        prepared = read_prepared(Path(f"data/prepared/{study.dataset}.safetensors"))
        results = read_study_runs(graph.study(name), prepared, {}, RUNS)
        for claim in study.claims:
            for side in claim.sides:
                values = np.array([
                    [measured(row, claim.metric) for row in rows if row["combination"] == label]
                    for label in side
                ])  # (combinations, seeds)  # fmt: skip
                mine = oriented(values, claim.metric).mean(axis=0)
                np.testing.assert_array_equal(mine, Side(results, claim.metric, side).values)
                compared.append(claim.id)
    assert {*compared} >= {"more", "gain", "three", "smooth", "early", "rate", "level", "all"}


def test_a_stand_in_is_said_and_not_judged(tiny_done: Project) -> None:
    edition = json.loads((tiny_done.folder / "data/raw/covid/edition.json").read_text())
    assert edition["edition"] == "stand-in"
    for row in tiny_done.table("results/covid-features/verdicts.csv"):
        assert (row["verdict"], row["data"]) == ("not judged", "stand-in")
    assert "stand-in" in (tiny_done.folder / "results/report.html").read_text()
    run = tiny_done.table("results/covid-features/runs.csv")[0]["run"]
    identity = read_run(tiny_done.folder / f"results/runs/{run}.safetensors").identity
    assert identity["data"]["edition"] == "stand-in"


def test_what_the_studies_find(tiny_done: Project) -> None:
    """A run that diverges is recorded, and the others go on; degree 2 fits a parabola."""
    rates = {row["combination"]: row for row in tiny_done.table("results/boston-rate/runs.csv")}
    assert "diverged" in rates["rate 100000.0"]["ended"]
    assert math.isfinite(float(rates["rate 0.05"]["valid_mse"]))
    diagnosis = tiny_done.table("results/boston-rate/diagnosis.csv")
    assert [row["combination"] for row in diagnosis] == ["rate 0.05", "rate 100000.0"]
    assert diagnosis[1]["diagnosis"] == "diverging"
    settings = tiny_done.table("results/covid-features/importance.csv")
    names = ["features.k", "features.method", "together", "chance"]
    assert [row["setting"] for row in settings] == names
    assert {row["method"] for row in settings} == {"analysis of variance"}
    assert tiny_done.table("results/digits-kernel/importance.csv") == []
    degrees = tiny_done.table("results/function-degree/combinations.csv")
    mse = {r["combination"]: float(r["mean"]) for r in degrees if r["metric"] == "valid_mse"}
    assert mse["model polynomial degree 2"] < 0.05 < mse["model polynomial degree 1"]


def test_the_champion_is_kept_with_a_prediction_file(tiny_done: Project) -> None:
    folder = tiny_done.folder / "results/covid-features/champion"
    champion = json.loads((folder / "champion.json").read_text())
    assert read_run(folder / "model.safetensors", ("weights",)).weights
    lines = (folder / "prediction.csv").read_text().splitlines()
    assert lines[0] == "id,tested_positive"
    assert len(lines) == 998
    assert champion["recipe"]["features"]["k"] in (4, 8)


def test_the_report_is_one_file_that_asks_for_nothing_and_begins_with_the_claims(
    tiny_done: Project,
) -> None:
    page = (tiny_done.folder / "results/report.html").read_text()
    assert "A tiny lab book &lt;of tests&gt;" in page
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert not re.findall(r"url\((?!['\"]?(?:data:|#))", page)
    assert len(page) < 5e6
    claims = tiny_done.table("results/claims.csv")
    tables = (tiny_done.table(f"results/{study}/verdicts.csv") for study in STUDIES)
    assert [{k: v for k, v in row.items() if k not in ADDED} for row in claims] == [
        row for table in tables for row in table
    ]
    assert {row["id"] for row in claims} >= {"more", "adam", "lost", "degree", "all"}
    top = page[: page.index('id="glance"')]
    assert all(f'href="#claim-{row["id"]}"' in top for row in claims)
    assert 'data-figure="published"' in page


def test_the_log_has_times_and_the_results_have_no_paths(tiny_done: Project) -> None:
    assert (tiny_done.folder / "results/log/train/digits-kernel-000.tsv").exists()
    assert "done" in (tiny_done.folder / "results/log/train/digits-kernel-000.log").read_text()
    for name, content in tiny_done.results().items():
        assert str(tiny_done.folder).encode() not in content, name


def test_the_commands_tell_what_there_is(tiny_done: Project) -> None:
    def said(*command: str) -> str:
        return tiny_done.run("labbook", *command).stdout

    assert "valid." in said("check")
    plan = said("plan")
    assert "nothing to train" in plan
    assert "Jobs to run: none" in plan
    assert all(study in said("summary") for study in STUDIES)
    assert "stand-in" in said("data")
    lines = said("model", "digits").splitlines()
    assert lines[-2].split() == ["output", "10", "90"]  # 8 hidden units and a bias, 10 classes
