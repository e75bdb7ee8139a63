"""verify and recreate on a real project of one study with two commits, under git and DVC."""

import hashlib
import json
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from labbook.training.runfile import read_run
from tests.conftest import copy_project
from tests.workflow.finished import cached, commit, spoil
from tests.workflow.project import Project, Started

INITIALISATION = "src/labbook/models/initialisation.py"
STUDY, LABEL = "function-degree", "model mlp hidden 8 activation silu"
ONE = f"{STUDY}/{LABEL}"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two commits with their results: the second has other code of training and other params."""
    project = Project(copy_project(tmp_path_factory.mktemp("base") / "project"))
    path = project.folder / "params.yaml"
    head, studies = path.read_text().replace("epochs: 200", "epochs: 20").split("studies:\n")
    block = studies[studies.index(f"  {STUDY}:") : studies.index("  digits-kernel:")]
    path.write_text(f"{head}studies:\n{block}packs: {{size: 16}}\nreport: {{title: One study}}\n")
    project.under_version_control(project.folder.parent / "store")
    for name in ("first", "second"):
        project.snakemake()
        commit(project, name)
        project.run("git", "tag", name)
        if name == "first":
            project.edit("epochs: 20,", "epochs: 21,")
            # Other first weights, so other numbers in every run.
            project.edit("stream(seed,", "stream(seed + 1,", INITIALISATION)
    return project


@pytest.fixture
def project(base: Project, tmp_path: Path) -> Project:
    (tmp_path / "temporary").mkdir()
    return base.copy(tmp_path / "project", TMPDIR=str(tmp_path / "temporary"))


def said(project: Project, *command: str) -> dict[str, Any]:
    """What a command finds, as --json has it; its exit code is the process's."""
    ran = project.run("labbook", *command, "--json", ok=False)
    document: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index("{") :])
    assert document["exit_code"] == ran.returncode
    return document


def verify(project: Project, *arguments: str) -> dict[str, Any]:
    return said(project, "verify", *arguments)


def recreate(project: Project, *arguments: str) -> dict[str, Any]:
    """What recreate finds. It must leave alone the folder, git, and what is temporary."""

    def state() -> list[object]:
        temporary = list(Path(project.environment["TMPDIR"]).iterdir())
        return [
            project.results(),
            git(project, "worktree", "list"),
            git(project, "status"),
            temporary,
        ]

    before = state()
    document = said(project, "recreate", *arguments)
    assert state() == before
    return document


def git(project: Project, *arguments: str) -> str:
    return project.run("git", *arguments).stdout


def outcomes(document: dict[str, Any]) -> list[str]:
    return [run["outcome"] for run in document["runs"]]


def test_flipped_bytes_are_found_mended_and_made_again(project: Project) -> None:
    before, trained = project.results(), len(project.trained())
    folder = project.folder
    damage = {
        "train": sorted((folder / "results/runs").iterdir())[3],
        "evaluate": folder / f"results/{STUDY}/combinations.csv",
        "download": next((folder / "data/raw/function").glob("*.csv")),
        "figures": next((folder / "results").rglob("*.png")),
    }
    spoil(damage["train"])  # which is not taken for a run of another machine
    again = project.run("labbook", "recreate", damage["train"].stem, ok=False)
    assert again.returncode == 5
    assert "the recorded file is damaged" in again.stdout
    for kind in ("evaluate", "download", "figures"):
        spoil(damage[kind])
    document = verify(project)
    assert document["exit_code"] == 4
    states = [node for node in document["nodes"] if node["state"] != "whole"]
    assert {node["state"] for node in states} == {"damaged"}
    assert {node["node"].partition("/")[0]: node["files"] for node in states} == {
        kind: [str(path.relative_to(folder))] for kind, path in damage.items()
    }
    assert verify(project, "--mend")["exit_code"] == 3
    project.snakemake()
    assert project.results() == before
    assert verify(project)["exit_code"] == 0
    assert len(project.trained()) == trained + 1


def test_only_dvc_lock_tells_of_a_forged_file(project: Project) -> None:
    """Another run's numbers under this run's name, and a key file with the sum that fits."""
    one, other = sorted((project.folder / "results/runs").iterdir())[:2]
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, other)]
    one.chmod(0o644)
    shutil.copy(other, one)
    keys = [
        path
        for path in (project.folder / "results/packs").glob("*.key")
        if sums[0] in path.read_text()
    ]
    for path in keys:
        path.chmod(0o644)
        path.write_text(path.read_text().replace(sums[0], sums[1]))
    document = verify(project)
    assert {node["state"] for node in document["nodes"]} == {"whole"}
    assert document["exit_code"] == 4
    assert document["dvc_lock"]["others"] == [str(p.relative_to(project.folder)) for p in keys]
    project.run("dvc", "checkout", "-q", "--force")
    assert verify(project)["exit_code"] == 0


def test_all_is_whole_and_what_the_commit_records_or_without_dvc_s_cache_the_rest(
    project: Project,
) -> None:
    document = verify(project)
    assert document["exit_code"] == 0
    assert {node["state"] for node in document["nodes"]} == {"whole"}
    assert document["dvc_lock"]["same"] == len(document["nodes"])
    assert document["dvc_lock"]["commit"] == git(project, "rev-parse", "--short=7", "HEAD").strip()
    assert document["unasked"] == 0
    shutil.rmtree(project.folder / ".dvc/cache")
    document = verify(project)
    assert document["exit_code"] == 0
    assert "cache" in document["dvc_lock"]["not_compared"]
    shutil.rmtree(project.folder / ".git")
    shutil.rmtree(project.folder / ".dvc")
    assert verify(project)["exit_code"] == 0


def test_runs_of_this_folder(project: Project) -> None:
    document = verify(project, "--recreate", "2")
    assert document["exit_code"] == 0
    assert [run["outcome"] for run in document["recreated"]] == ["identical"] * 2
    assert not list(Path(project.environment["TMPDIR"]).iterdir())
    run = project.table("results/function-degree/runs.csv")[-1]
    document = recreate(project, run["run"][:10])
    assert outcomes(document) == ["identical"]
    assert document["runs"][0]["recorded_run"] == document["runs"][0]["run"] == run["run"]
    assert document["runs"][0]["metrics"]["valid_mse"] == pytest.approx(float(run["valid_mse"]))


def test_a_combination_of_an_older_commit(project: Project, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    seeds = ("--seeds", "2", "4")
    document = recreate(project, ONE, "--commit", "first", *seeds, "--output", str(kept))
    assert outcomes(document) == ["identical"] * 2
    today = {row["run"] for row in project.table("results/function-degree/runs.csv")}
    for run in document["runs"]:
        assert run["run"] not in today
        assert read_run(kept / f"{run['run']}.safetensors").identity["seed"] == run["seed"]


def test_a_control_comes_with_its_reference(project: Project) -> None:
    project.edit("controls: false", "controls: true")
    project.snakemake()
    document = recreate(project, f"{STUDY}/shuffled target", "--seeds", "2")
    assert outcomes(document) == ["identical"]
    ids = {row["run"] for row in project.table("results/function-degree/runs.csv")}
    assert document["runs"][0]["run"] not in ids
    assert {node["state"] for node in verify(project)["nodes"]} == {"whole"}


@pytest.mark.parametrize("of", [[], ["--commit", "first"]], ids=["of this folder", "of a commit"])
def test_a_champion_with_all_its_files(project: Project, of: list[str], tmp_path: Path) -> None:
    """A file of the user's own beside it is not compared."""
    (project.folder / "results/function-degree/champion/notes.md").write_text("mine")
    kept = ("--output", str(tmp_path / "kept"))
    document = recreate(project, "function-degree/champion", *of, *kept)
    assert outcomes(document) == ["identical"]
    assert document["champion"] == {"champion.json": "identical", "model.safetensors": "identical"}
    champion = json.loads((tmp_path / "kept/champion/champion.json").read_text())
    assert champion["run"] == document["runs"][0]["run"]


def test_where_the_file_is_not_here_its_sum_tells(project: Project) -> None:
    run = project.table("results/function-degree/runs.csv")[0]["run"]
    path = project.folder / f"results/runs/{run}.safetensors"
    cached(project.folder / ".dvc/cache", path).unlink()
    path.unlink()
    document = recreate(project, run, "--commit", "second")
    assert outcomes(document) == ["identical"]
    assert "by its sum alone" in document["runs"][0]["note"]


def test_an_edit_of_training_shows_what_it_does(project: Project) -> None:
    change = project.folder / INITIALISATION
    change.write_text(change.read_text().replace("seed + 1", "seed + 2"))
    document = recreate(project, ONE, "--seeds", "0")
    assert document["exit_code"] == 5
    run = document["runs"][0]
    assert run["outcome"] == "different"
    assert run["made_from_other"] == ["code"]
    assert run["run"] != run["recorded_run"]
    change.write_text(change.read_text() + "\nNEW = 1\n")
    change.write_text(change.read_text().replace("seed + 2", "seed + 1"))
    document = recreate(project, ONE, "--seeds", "0")
    assert outcomes(document) == ["within rounding"]
    assert document["runs"][0]["largest_difference"] == {"weights": 0.0, "metrics": 0.0}


def test_other_libraries_are_refused_and_commits_that_are_not_there(project: Project) -> None:
    lock = project.folder / "requirements.lock"
    lock.write_text(re.sub(r"(?m)^numpy==[^ ]*", "numpy==1.26.0", lock.read_text()))
    project.run("git", "commit", "-qam", "lock")
    ran = project.run("labbook", "recreate", ONE, "--commit", "HEAD", ok=False)
    assert ran.returncode == 1
    assert "numpy 1.26.0 (installed:" in ran.stdout
    assert "Other libraries" in ran.stdout
    ran = project.run("labbook", "recreate", ONE, "--commit", "third", ok=False)
    assert ran.returncode == 1
    assert "no such commit" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_ctrl_c_leaves_nothing_behind(project: Project) -> None:
    temporary = Path(project.environment["TMPDIR"])
    for number in (signal.SIGINT, signal.SIGTERM):
        started = Started(project, "labbook", "recreate", ONE, "--commit", "first")
        assert started.wait_for(lambda: list(temporary.glob("*/project/params.yaml")))
        assert started.end(number) == 130
        assert not list(temporary.iterdir())
