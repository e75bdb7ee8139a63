"""DVC's experiments: what they train, what their tables look like, and what labbook says of them."""

import csv
import io
import json
import re
from pathlib import Path

from tests.conftest import copy_project
from tests.workflow.project import Project

PARAMS = """\
seeds: 6
controls: false
datasets:
  function: {kind: function, expression: "x ** 2 - 1", low: -1, high: 1, points: 60, noise: 0.1, split: {valid: 0.2, test: 0.2}}
recipes:
  function:
    dataset: function
    model: {kind: polynomial, degree: 2}
    optimizer: {kind: adam, rate: 0.1}
    training: {batch: all, epochs: 20}
studies:
  degree:
    question: Which degree?
    recipe: function
    vary: {model.degree: [1, 2]}
    claims:
      - {id: two, sentence: Two beats one., better: {model.degree: 2}, than: {model.degree: 1}}
"""


def columns(project: Project) -> list[dict[str, str]]:
    """The rows of `dvc exp show`."""
    text = project.run("dvc", "exp", "show", "--csv").stdout
    return list(csv.DictReader(io.StringIO(text)))


def test_experiments(tmp_path: Path) -> None:
    """One project for all, of one study: each step goes on from the one before."""
    folder = copy_project(tmp_path / "project")
    project = Project(folder, PYTHONPATH=str(folder / "src"))
    (folder / "params.yaml").write_text(PARAMS)
    project.under_version_control()
    project.run("dvc", "repro", "-q")
    project.commit("results")

    # In the workspace. A block without `seeds` gets one with `+`; without it DVC refuses.
    refused = project.run("dvc", "exp", "run", "-S", "studies.degree.seeds=7", ok=False).stdout
    assert "studies.degree.seeds" in refused
    project.run("dvc", "exp", "run", "-q", "-S", "+studies.degree.seeds=7", "-n", "more")
    assert len(project.trained()) == 12 + 2

    # Tables: few columns, few digits.
    rows = columns(project)
    assert [row["Experiment"] or row["rev"] for row in rows] == ["workspace", "main", "more"]
    names = [name for name in rows[0] if name.startswith(("degree.", "all claims"))]
    assert set(names) == {"degree.valid_mse", "degree.within", "all claims"}
    assert re.fullmatch(r"1 (supported|refuted|undecided)", rows[2]["all claims"])
    assert re.fullmatch(r"[-\d.]+ to [\d.]+, n 7", rows[2]["degree.within"])
    assert len(rows[2]["degree.valid_mse"]) <= 8
    assert "degree.within" in project.run("dvc", "metrics", "diff", "main", "more", "--md").stdout
    params = project.run("dvc", "params", "diff", "main", "more").stdout
    assert "studies.degree.seeds" in params
    assert params.count("\n") == 2

    # labbook knows it by its name.
    compared = json.loads(project.run("labbook", "compare", "main", "more", "--json").stdout)
    assert compared["runs"] == {"shared": 12, "only_a": 0, "only_b": 2}
    edit = {"name": "studies.degree.seeds", "old": None, "new": "7", "note": ""}
    assert compared["params"] == [edit]
    assert len(json.loads(project.run("labbook", "models", "--json").stdout)["models"]) in (1, 2)

    # Back to main: the third seed's runs are now in the attic and in the experiment's commit.
    project.run("git", "checkout", "-q", "--", ".")
    project.run("dvc", "checkout", "-q", "--force")
    assert len(list((project.folder / "results/runs").iterdir())) == 12

    # Queued: the copy takes over what exists and trains the rest, by the code that it was queued
    # with, though the workspace goes on.
    change = "++studies.degree.seeds=8"
    project.run("dvc", "exp", "run", "-q", "--queue", "-S", change, "-n", "queued")
    page = "src/labbook/report/page/overview.py"
    project.edit("MOST_FINDINGS = 5", "MOST_FINDINGS = 6", page)
    project.run("dvc", "exp", "run", "--run-all", "-q")
    log = project.run("dvc", "queue", "logs", "queued").stdout
    assert "2 runs taken over from" in log  # of "more", which nobody applied
    assert "training: 1" in log
    listed = {row["Experiment"]: row for row in columns(project)}
    assert listed["queued"]["degree.within"].endswith(", n 8")
    project.run("git", "checkout", "-q", "--", page)

    # Applied and made a branch: idle in both engines, nothing trained here.
    before = project.trained()
    project.run("dvc", "exp", "apply", "queued")
    assert "Nothing to be done" in project.snakemake("results/report.html")
    project.run("dvc", "exp", "branch", "queued", "eight-seeds")
    assert project.trained() == before
    assert "index.html" in project.run("dvc", "plots", "show").stdout
    assert "index.html" in project.run("dvc", "plots", "diff", "main", "queued").stdout
    assert "dvc_plots" not in project.run("git", "status", "--short").stdout
    assert "queued" in project.run("labbook", "compare", "queued", "eight-seeds").stdout
