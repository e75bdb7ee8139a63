"""All studies of the tiny configuration by plain PyTorch and by the compiled engine."""

import math
from collections import defaultdict
from statistics import mean

import pytest

from tests.workflow.project import Project
from tests.workflow.test_tiny import STUDIES

SHARE = 1e-3  # of an interval's half-width: how far the mean of the paired differences may be off
Row = dict[str, str]


@pytest.fixture(scope="module")
def by_torch(tiny_done: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny project with `engine: torch`, from its data to the claims."""
    project = tiny_done.copy(tmp_path_factory.mktemp("torch") / "project")
    project.edit("seeds: 6 ", "engine: torch\nseeds: 6 ")
    made = project.make("figures", "report")
    assert {name.partition("/")[0] for name in made} == {"train", "evaluate", "claims"}
    return project


def runs(project: Project, study: str) -> dict[tuple[str, str], Row]:
    """Rows of runs.csv by combination and seed."""
    rows = project.table(f"results/{study}/runs.csv")
    return {(row["combination"], row["seed"]): row for row in rows}


def metrics(row: Row) -> dict[str, float]:
    """What was measured of a run that has not diverged."""
    parts = ("train_", "valid_", "test_")
    return {name: float(row[name]) for name in row if name.startswith(parts) and row[name]}


@pytest.mark.parametrize("study", STUDIES)
def test_run_by_run(tiny_done: Project, by_torch: Project, study: str) -> None:
    compiled, torch = runs(tiny_done, study), runs(by_torch, study)
    assert list(compiled) == list(torch)
    for key, row in compiled.items():
        other = torch[key]
        assert row["run"] != other["run"]  # the engine is part of a run's identity
        for name in ("ended", "epochs", "best_epoch", "parameters"):
            assert row[name] == other[name], (key, name)
        expected = metrics(other)
        assert metrics(row) == pytest.approx(expected, rel=1e-4, abs=1e-5, nan_ok=True), key
        assert bool(expected) == (row["ended"] != "diverged") or any(
            map(math.isnan, expected.values())
        )


@pytest.mark.parametrize("study", STUDIES)
def test_means_agree_far_within_their_intervals(
    tiny_done: Project, by_torch: Project, study: str
) -> None:
    """Paired by seed: what seeds differ in is in both; only the engines' difference is left."""
    compiled, torch = runs(tiny_done, study), runs(by_torch, study)
    differences: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (combination, seed), row in compiled.items():
        other = metrics(torch[combination, seed])
        for name, value in metrics(row).items():
            if math.isfinite(value):
                differences[combination, name].append(value - other[name])
    judged = 0
    theirs = {
        (row["combination"], row["metric"]): row
        for row in by_torch.table(f"results/{study}/combinations.csv")
    }
    for row in tiny_done.table(f"results/{study}/combinations.csv"):
        key = row["combination"], row["metric"]
        if key not in differences or not row["low"] or row["low"] == row["high"]:
            continue
        low, high = float(row["low"]), float(row["high"])
        assert low <= float(theirs[key]["mean"]) <= high, key
        assert abs(mean(differences[key])) <= SHARE * (high - low) / 2, key
        judged += 1
    assert judged >= 6


@pytest.mark.parametrize("study", STUDIES)
def test_verdicts_and_champions_are_the_same(
    tiny_done: Project, by_torch: Project, study: str
) -> None:
    for name in ("claim", "verdict"):
        mine, other = (
            [row.get(name) for row in project.table(f"results/{study}/verdicts.csv")]
            for project in (tiny_done, by_torch)
        )
        assert mine == other
        assert mine or study == "digits-kernel"  # its two seeds decide no claim
