"""All studies of the tiny configuration by plain PyTorch and by the compiled engine."""

import math
from collections import defaultdict
from statistics import mean

import pytest

from tests.workflow.finished import kinds
from tests.workflow.project import Project
from tests.workflow.test_tiny import STUDIES

SHARE = 1e-3  # of an interval's half-width: how far the mean of the paired differences may be off
Row = dict[str, str]


@pytest.fixture(scope="module")
def by_torch(tiny_done: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny project with `engine: torch`, from its data to the claims."""
    project = tiny_done.copy(tmp_path_factory.mktemp("torch") / "project")
    project.edit("seeds: 6 ", "engine: torch\nseeds: 6 ")
    assert kinds(project.make("figures", "report")) == {"train", "evaluate", "claims"}
    return project


def rows(project: Project, study: str, table: str, *names: str) -> dict[tuple[str, ...], Row]:
    """Rows of a table of a study by some of its columns."""
    all_rows = project.table(f"results/{study}/{table}.csv")
    return {tuple(row[name] for name in names): row for row in all_rows}


def metrics(row: Row) -> dict[str, float]:
    """What was measured of a run that has not diverged."""
    parts = ("train_", "valid_", "test_")
    return {name: float(row[name]) for name in row if name.startswith(parts) and row[name]}


@pytest.mark.parametrize("study", STUDIES)
def test_runs_and_means_and_verdicts(tiny_done: Project, by_torch: Project, study: str) -> None:
    compiled, torch = (
        rows(project, study, "runs", "combination", "seed") for project in (tiny_done, by_torch)
    )
    assert list(compiled) == list(torch)
    differences: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for (combination, seed), row in compiled.items():
        other = torch[combination, seed]
        assert row["run"] != other["run"]  # the engine is part of a run's identity
        for name in ("ended", "epochs", "best_epoch", "parameters"):
            assert row[name] == other[name], (combination, seed, name)
        mine, theirs = metrics(row), metrics(other)
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5, nan_ok=True), (combination, seed)
        nan = any(map(math.isnan, theirs.values()))
        assert bool(theirs) == (row["ended"] != "diverged") or nan
        for name, value in mine.items():
            if math.isfinite(value):
                differences[combination, name].append(value - theirs[name])

    # Means agree far within their intervals. They are paired by seed: what seeds differ in is in
    # both, and only the engines' difference is left.
    judged = 0
    of_torch = rows(by_torch, study, "combinations", "combination", "metric")
    for key, row in rows(tiny_done, study, "combinations", "combination", "metric").items():
        if key in differences and row["low"] and row["low"] != row["high"]:
            low, high = float(row["low"]), float(row["high"])
            assert low <= float(of_torch[key]["mean"]) <= high, key
            assert abs(mean(differences[key])) <= SHARE * (high - low) / 2, key
            judged += 1
    assert judged >= 6

    claims, of_torch_claims = (
        [(row["id"], row["verdict"]) for row in project.table(f"results/{study}/verdicts.csv")]
        for project in (tiny_done, by_torch)
    )
    assert claims == of_torch_claims
    assert claims or study == "digits-kernel"  # its two seeds decide no claim
