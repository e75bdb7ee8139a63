"""Snakemake and DVC know the same truth: both idle after either, edits exact through both."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.conftest import Project
from tests.workflow.test_same_bytes import compare

pytestmark = pytest.mark.slow


def keep_two_studies(project: Project) -> Project:
    """Fewer studies than tests/tiny.yaml: these tests are about what runs, not about numbers."""
    path = project.folder / "params.yaml"
    text = path.read_text()
    head, studies = text.split("studies:\n")
    blocks = re.split(r"(?m)^  (?=\w)", studies.split("\npacks:")[0])
    kept = [b for b in blocks if b.startswith(("boston-rate:", "function-degree:"))]
    tail = 'packs: {size: 4}\nreport: {title: "Two studies"}\n'
    path.write_text(head + "studies:\n" + "".join(f"  {b}" for b in kept) + "\n" + tail)
    return project


def clone(project: Project, folder: Path) -> Project:
    subprocess.run(["git", "clone", "-q", project.folder, folder], check=True)
    return Project(folder)


def is_idle(project: Project) -> bool:
    """Neither engine has anything to do, and neither does anything."""
    before = len(project.trained())
    assert "Nothing to be done" in project.snakemake("results/report.html")
    project.run("dvc", "repro")
    assert project.run("dvc", "status").stdout.strip() == "Data and pipelines are up to date."
    return len(project.trained()) == before


@pytest.fixture(scope="module")
def committed(tiny_done: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two studies, done by Snakemake, then committed through DVC and pushed."""
    base = tmp_path_factory.mktemp("dvc")
    from tests.conftest import copy_project

    project = keep_two_studies(Project(copy_project(base / "project")))
    project.under_version_control(base / "store")
    project.snakemake()
    assert is_idle(project)  # dvc repro after a plain snakemake runs no job
    project.commit("results")
    project.run("dvc", "push", "-q")
    return project


@pytest.fixture
def cloned(committed: Project, tmp_path: Path) -> Project:
    """A clone elsewhere with what was pushed, whose files have times of their own."""
    project = clone(committed, tmp_path / "clone")
    project.run("dvc", "pull", "-q")
    return project


def test_a_clone_is_idle_whatever_its_file_times(cloned: Project) -> None:
    for number, path in enumerate(sorted(cloned.folder.rglob("*"))):
        if path.is_file() and ".git" not in path.parts and ".dvc" not in path.parts:
            subprocess.run(
                ["touch", "-d", f"@{1_500_000_000 + number * 7919 % 400_000_000}", path], check=True
            )
    assert is_idle(cloned)
    assert not cloned.trained()


EDITS = {
    "rate": (
        "[0.05, 1e+5]",
        "[0.05, 0.1, 1e+5]",
        6,
        {"train", "evaluate", "claims", "figures", "report"},
    ),
    "title": ('"Two studies"', '"Three"', 0, {"report"}),
    "points": ("points: 60", "points: 61", 18, None),
}


@pytest.mark.parametrize("engine", ["snakemake", "dvc"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_runs_exactly_what_depends_on_it(cloned: Project, edit: str, engine: str) -> None:
    old, new, runs, rules = EDITS[edit]
    cloned.edit(old, new)
    jobs = cloned.jobs()
    if rules is not None:
        assert set(jobs) == rules
        assert all(jobs[rule] == 1 for rule in rules - {"train"})
    if engine == "dvc":
        cloned.run("dvc", "repro")
        assert cloned.run("dvc", "status").stdout.strip() == "Data and pipelines are up to date."
    else:
        cloned.snakemake()
    assert len(cloned.trained()) == runs
    assert not cloned.jobs()


def test_an_undone_edit_gives_no_stale_result_and_trains_nothing(cloned: Project) -> None:
    before = cloned.results()
    cloned.edit("[0.05, 1e+5]", "[0.05, 0.1, 1e+5]")
    cloned.snakemake()
    cloned.edit("[0.05, 0.1, 1e+5]", "[0.05, 1e+5]")
    cloned.snakemake()
    assert len(cloned.trained()) == 6
    after = cloned.results()
    assert {n: c for n, c in after.items() if n in before} == before
    cloned.run("dvc", "checkout", "-q", "--force")
    assert cloned.results() == before
    assert is_idle(cloned)


def test_an_older_commit_is_back_with_its_results(cloned: Project) -> None:
    cloned.edit('"Two studies"', '"Another title"')
    cloned.run("dvc", "repro")
    cloned.run("git", "commit", "-qam", "title")
    cloned.checkout("HEAD~1")
    assert "Another title" not in (cloned.folder / "results/report.html").read_text()
    assert is_idle(cloned)
    cloned.checkout("main")
    assert "Another title" in (cloned.folder / "results/report.html").read_text()
    assert is_idle(cloned)
    assert not cloned.trained()


def test_what_is_tidied_comes_back_without_training(cloned: Project) -> None:
    cloned.edit("[0.05, 1e+5]", "[0.05]")
    cloned.edit("better: {optimizer.rate: 0.05}}", "better: {optimizer.rate: 0.05}, than: others}")
    text = (cloned.folder / "params.yaml").read_text()
    claims = text[text.index("    claims:\n      - {id: rate") : text.index("  function-degree:")]
    cloned.edit(claims, "")
    cloned.run("dvc", "repro")
    assert len(list((cloned.folder / "results/runs").iterdir())) == 24
    cloned.edit("[0.05]", "[0.05, 1e+5]")
    cloned.run("dvc", "repro")
    assert len(list((cloned.folder / "results/runs").iterdir())) == 30
    assert not cloned.trained()


def test_experiments_have_readable_tables(cloned: Project) -> None:
    cloned.run(
        "dvc", "exp", "run", "-q", "-S", "recipes.function.optimizer.rate=0.05", "-n", "slower"
    )
    assert len(cloned.trained()) == 18
    assert "rate" in cloned.run("dvc", "params", "diff", "--md").stdout
    assert "index.html" in cloned.run("dvc", "plots", "show").stdout
    assert "function-degree" in cloned.run("dvc", "metrics", "diff", "--md").stdout
    assert "slower" in cloned.run("dvc", "exp", "show", "--md", "--no-pager").stdout


def test_a_forced_full_run_gives_the_same(cloned: Project, tmp_path: Path) -> None:
    forced = cloned.copy(tmp_path / "forced")
    for run in (forced.folder / "results/runs").iterdir():
        run.unlink()
    forced.run("snakemake", "--cores", "2", "--forceall")
    assert len(forced.trained()) == 30
    compare(cloned, forced, packs=True)


def test_code_and_comments(cloned: Project) -> None:
    package = "src/labbook"
    cloned.edit('"""Figures', '# a comment\n"""Figures', f"{package}/report/figures/__init__.py")
    cloned.edit('"""What', '# a comment\n"""What', f"{package}/training/run.py")
    assert not cloned.jobs()
    other = cloned.folder / package / "engines/torch/loop.py"
    other.write_text(other.read_text() + "\nNEW = 1\n")
    assert not cloned.jobs()  # no run of this project is trained by that engine
    path = cloned.folder / package / "engines/compiled/program.py"
    path.write_text(path.read_text() + "\nNEW = 1\n")
    jobs = cloned.jobs()
    assert set(jobs) == {"train", "evaluate", "claims", "figures", "report"}
    assert jobs["evaluate"] == 2


def test_parameters_edited_in_the_middle_are_refused(
    cloned: Project, new: Callable[..., Project]
) -> None:
    ran = cloned.run("labbook", "job", "report", "--asked", "0000", ok=False)
    assert ran.returncode == 1
    assert "has changed since this job was planned" in ran.stdout
    assert "Traceback" not in ran.stdout
