"""verify and recreate on a real project of one study with two commits, under git and DVC."""

import hashlib
import json
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from labbook.training.runfile import read_run
from tests.conftest import copy_project
from tests.workflow.project import Project, Started

INITIALISATION = "src/labbook/models/initialisation.py"
STUDY, LABEL = "function-degree", "model mlp hidden 8 activation silu"
ONE = f"{STUDY}/{LABEL}"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two commits with their results: the second has other code of training and other params."""
    project = Project(copy_project(tmp_path_factory.mktemp("base") / "project"))
    keep_one_study(project)
    project.under_version_control(project.folder.parent / "store")
    commit(project, "first")
    change_training(project)
    project.edit("epochs: 20,", "epochs: 21,")
    commit(project, "second")
    return project


def keep_one_study(project: Project) -> None:
    path = project.folder / "params.yaml"
    head, studies = path.read_text().split("studies:\n")
    block = studies[studies.index(f"  {STUDY}:") : studies.index("  digits-kernel:")]
    path.write_text(f"{head}studies:\n{block}packs: {{size: 16}}\nreport: {{title: One study}}\n")
    project.edit("epochs: 200", "epochs: 20")


def commit(project: Project, name: str) -> None:
    project.snakemake()
    project.run("labbook", "tidy", "--yes")
    project.run("dvc", "commit", "-q", "-f")
    project.commit(name)
    project.run("git", "tag", name)


def change_training(project: Project) -> None:
    """Other first weights, so other numbers in every run."""
    path = project.folder / INITIALISATION
    text = path.read_text()
    changed = text.replace("stream(", "_stream(").replace("import _stream(", "import stream(")
    assert changed != text
    path.write_text(
        f"{changed}\n\ndef _stream(seed, *names):\n    return stream(seed + 1, *names)\n"
    )


@pytest.fixture
def project(base: Project, tmp_path: Path) -> Project:
    (tmp_path / "temporary").mkdir()
    return base.copy(tmp_path / "project", TMPDIR=str(tmp_path / "temporary"))


def verify(project: Project, *arguments: str) -> dict[str, Any]:
    """What verify finds, as --json has it; its exit code is the process's."""
    ran = project.run("labbook", "verify", "--json", *arguments, ok=False)
    document: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index("{") :])
    assert document["exit_code"] == ran.returncode
    return document


def recreate(project: Project, *arguments: str) -> dict[str, Any]:
    """What recreate finds. It must leave alone the folder, git, and what is temporary."""
    before, temporary = project.results(), Path(project.environment["TMPDIR"])
    worktrees, status = git(project, "worktree", "list"), git(project, "status", "--porcelain")
    folder = project.folder
    ran = subprocess.run(
        ["labbook", "recreate", "--json", *arguments],
        cwd=folder, env=project.environment, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert ran.stdout, ran.stderr
    assert project.results() == before
    assert git(project, "worktree", "list") == worktrees
    assert git(project, "status", "--porcelain") == status
    assert not list(temporary.iterdir())
    document: dict[str, Any] = json.loads(ran.stdout)
    assert document["exit_code"] == ran.returncode
    return document


def git(project: Project, *arguments: str) -> str:
    return project.run("git", *arguments).stdout


def bad(document: dict[str, Any]) -> dict[str, str]:
    return {n["node"]: n["state"] for n in document["nodes"] if n["state"] != "whole"}


def outcomes(document: dict[str, Any]) -> list[str]:
    return [run["outcome"] for run in document["runs"]]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def test_flipped_bytes_are_found_mended_and_made_again(project: Project) -> None:
    before, trained = project.results(), len(project.trained())
    folder = project.folder
    damage = {
        "train": sorted((folder / "results/runs").iterdir())[3],
        "evaluate": folder / f"results/{STUDY}/combinations.csv",
        "download": next((folder / "data/raw/function").glob("*.csv")),
        "figures": next((folder / "results").rglob("*.png")),
    }
    flip(damage["train"])  # which is not taken for a run of another machine
    again = project.run("labbook", "recreate", damage["train"].stem, ok=False)
    assert again.returncode == 5
    assert "the recorded file is damaged" in again.stdout
    for kind in ("evaluate", "download", "figures"):
        flip(damage[kind])
    document = verify(project)
    assert document["exit_code"] == 4
    bad = {n["node"].partition("/")[0]: n for n in document["nodes"] if n["state"] != "whole"}
    assert {kind: node["files"] for kind, node in bad.items()} == {
        kind: [str(path.relative_to(folder))] for kind, path in damage.items()
    }
    assert {node["state"] for node in bad.values()} == {"damaged"}
    assert verify(project, "--mend")["exit_code"] == 3
    project.snakemake()
    assert project.results() == before
    assert verify(project)["exit_code"] == 0
    assert len(project.trained()) == trained + 1


def test_what_is_lost_and_what_is_stale(project: Project) -> None:
    (project.folder / "results/report.html").unlink()
    assert bad(verify(project)) == {"report": "missing"}
    project.edit("epochs: 21,", "epochs: 22,")
    document = verify(project)
    assert document["exit_code"] == 3
    found = bad(document)
    assert found.pop("report") == "stale"  # and not there
    assert {name.partition("/")[0] for name in found} == {"train", "evaluate", "figures", "claims"}
    assert set(found.values()) == {"stale"}


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
    assert not bad(document)
    assert document["exit_code"] == 4
    assert document["dvc_lock"]["others"] == [str(p.relative_to(project.folder)) for p in keys]
    project.run("dvc", "checkout", "-q", "--force")
    assert verify(project)["exit_code"] == 0


def test_all_is_whole_and_what_the_commit_records_or_without_dvc_s_cache_the_rest(
    project: Project,
) -> None:
    document = verify(project)
    assert document["exit_code"] == 0
    assert not bad(document)
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
    document = recreate(
        project, ONE, "--commit", "first", "--seeds", "2", "4", "--output", str(kept)
    )
    assert outcomes(document) == ["identical"] * 2
    today = {row["run"] for row in project.table("results/function-degree/runs.csv")}
    for run in document["runs"]:
        assert run["run"] not in today
        assert read_run(kept / f"{run['run']}.safetensors").identity["seed"] == run["seed"]


@pytest.mark.parametrize("commit", ["first", None])
def test_a_champion_with_all_its_files(
    project: Project, commit: str | None, tmp_path: Path
) -> None:
    """A file of the user's own beside it is not compared."""
    of = [] if commit is None else ["--commit", commit]
    (project.folder / "results/function-degree/champion/notes.md").write_text("mine")
    document = recreate(
        project, "function-degree/champion", *of, "--output", str(tmp_path / "kept")
    )
    assert outcomes(document) == ["identical"]
    assert document["champion"] == {"champion.json": "identical", "model.safetensors": "identical"}
    champion = json.loads((tmp_path / "kept/champion/champion.json").read_text())
    assert champion["run"] == document["runs"][0]["run"]


def test_where_the_file_is_not_here_its_sum_tells(project: Project) -> None:
    run = project.table("results/function-degree/runs.csv")[0]["run"]
    content = (project.folder / f"results/runs/{run}.safetensors").read_bytes()
    md5 = hashlib.md5(content).hexdigest()
    cached = project.folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    cached.chmod(0o644)
    cached.unlink()
    (project.folder / f"results/runs/{run}.safetensors").unlink()
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


def test_other_libraries_are_refused(project: Project) -> None:
    lock = project.folder / "requirements.lock"
    lock.write_text(re.sub(r"(?m)^numpy==[^ ]*", "numpy==1.26.0", lock.read_text()))
    project.run("git", "commit", "-qam", "lock")
    ran = project.run("labbook", "recreate", ONE, "--commit", "HEAD", ok=False)
    assert ran.returncode == 1
    assert "numpy 1.26.0 (installed:" in ran.stdout
    assert "Other libraries" in ran.stdout


def test_ctrl_c_leaves_nothing_behind(project: Project) -> None:
    temporary = Path(project.environment["TMPDIR"])
    for number in (signal.SIGINT, signal.SIGTERM):
        started = Started(project, "labbook", "recreate", ONE, "--commit", "first")
        assert started.wait_for(lambda: list(temporary.glob("*/project/params.yaml")))
        assert started.end(number) == 130
        assert not list(temporary.iterdir())


def test_what_is_not_there_is_refused(project: Project) -> None:
    for command, said in {
        ("function-degre/champion",): 'did you mean "function-degree"',
        (ONE, "--commit", "third"): "no such commit",
    }.items():
        ran = project.run("labbook", "recreate", *command, ok=False)
        assert ran.returncode == 1
        assert said in ran.stdout
        assert "Traceback" not in ran.stdout
