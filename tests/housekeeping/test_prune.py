"""Prune removes for good what nobody owns, and nothing else."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from labbook.cli import main
from labbook.history.state import _parsed
from labbook.housekeeping.prune import CHAMPIONS
from labbook.paths import ATTIC, RUNS
from labbook.provenance.graph import Graph
from labbook.provenance.locks import BusyError
from labbook.training.runfile import run_path
from tests.conftest import TINY
from tests.made_history import MadeProject, here

pytestmark = pytest.mark.thorough

__all__ = ["here"]
# By whom a run is owned.
EARLY, LATE, SIDE, BEST, TAGGED, FREE = (f"{i:016x}" for i in range(6))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The attic has a file of every run, and results/runs one that nobody owns."""
    project = MadeProject(tmp_path_factory.mktemp("prune") / "project")
    project.write("params.yaml", TINY.read_text())
    project.results((TAGGED,))
    project.commit("tagged", "01")
    project.git("tag", "v1")
    project.results((BEST, EARLY))
    early = project.commit("early", "02")
    project.git("checkout", "-q", "-b", "side")
    project.results((SIDE,))
    side = project.commit("side", "03")
    project.git("checkout", "-q", "main")
    project.dvc("checkout", "-q", "--force")
    project.results((LATE,))
    late = project.commit("late", "04")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        asked = next(iter(Graph.load().run_ids.values()))
    for run in (EARLY, LATE, SIDE, BEST, TAGGED, FREE, asked):
        project.write(f"{run_path(ATTIC / RUNS, run)}", "x" * 1000)
    project.write(f"{run_path(RUNS, FREE)}", "x")
    project.write(f"{ATTIC}/results/table.csv", "x")
    return SimpleNamespace(project=project, early=early, side=side, late=late, asked=asked)


def left() -> set[str]:
    return {path.stem for path in (ATTIC / RUNS).glob("*")}


def test_without_yes_nothing_is_removed(
    here: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))  # no terminal: nobody was asked
    before = left()
    text = here.run("prune")
    assert left() == before
    assert run_path(RUNS, FREE).exists()
    assert "repeat with --yes" in text
    assert "1 file       0.0 MB  params.yaml asks for it" in text
    assert "2 files       0.0 MB  of no commit" in text
    assert "dvc gc --workspace --all-commits --all-experiments" in text
    assert "also has 1 file of data and tables" in text
    assert not CHAMPIONS.exists()


def test_what_nobody_owns_is_removed(here: SimpleNamespace) -> None:
    here.run("prune", "--yes")
    assert left() == {EARLY, LATE, SIDE, BEST, TAGGED, here.asked}
    assert not run_path(RUNS, FREE).exists()
    assert (ATTIC / "results/table.csv").exists()
    assert run_path(RUNS, LATE).exists()


@pytest.mark.parametrize(("keep", "also"), [("1", set()), ("2", {EARLY})])
def test_only_the_newest_commits_of_each_branch_are_kept(
    here: SimpleNamespace, keep: str, also: set[str]
) -> None:
    text = here.run("prune", "--yes", "--keep", keep)
    # BEST: a champion of a commit that is not kept. TAGGED: of a tag. SIDE: of another branch.
    assert left() == {LATE, SIDE, BEST, TAGGED, here.asked} | also
    assert ("only of commits that --keep leaves out" in text) == (not also)
    assert f"dvc gc --workspace --all-branches --num {keep} --all-tags --all-experiments" in text


def test_what_cannot_be_known_is_kept(here: SimpleNamespace) -> None:
    """Of a commit whose results are not in the cache, and in a shallow clone."""
    listing = here.project.cached(here.side)
    listing.rename("listing")
    before = left()
    text = here.run("prune", "--yes")
    assert left() == before
    assert "Not all is known, so that no run can be ruled out" in text
    assert "dvc fetch --all-commits" in text
    assert "a commit that is not known here may have it" in text
    Path("listing").rename(listing)
    here.project.git("branch", "-q", "-D", "side")
    here.project.git("tag", "-d", "v1")
    Path(".git/shallow").write_text(f"{here.late}\n")
    assert "git fetch --unshallow" in here.run("prune", "--yes")
    assert left() == before


def test_what_is_recorded_and_not_committed_is_kept(here: SimpleNamespace) -> None:
    here.project.results((LATE, FREE))
    here.project.dvc("commit", "-q", "-f")
    run_path(RUNS, FREE).unlink()
    text = here.run("prune", "--yes")
    assert FREE in left()
    assert "1 file       0.0 MB  dvc.lock records it, not committed yet" in text
    here.project.cached_now().unlink()
    _parsed.cache_clear()
    run_path(ATTIC / RUNS, "f" * 16).write_text("x")
    here.run("prune", "--yes")
    assert "f" * 16 in left()


def test_champions_are_remembered_when_the_cache_has_lost_them(here: SimpleNamespace) -> None:
    """After `dvc gc` nothing else says which run of a commit that is not kept was its best."""
    here.run("prune", "--yes", "--keep", "1")
    assert [BEST] in json.loads(CHAMPIONS.read_text()).values()
    here.project.cached(here.early).unlink()
    run_path(ATTIC / RUNS, FREE).write_text("x")
    here.run("prune", "--yes", "--keep", "1")
    assert left() == {LATE, SIDE, BEST, TAGGED, here.asked}


def test_an_experiment_keeps_its_runs(here: SimpleNamespace) -> None:
    here.project.git("update-ref", "refs/exps/aa/bbbb/fast", here.side)
    here.project.git("branch", "-q", "-D", "side")
    here.run("prune", "--yes")
    assert SIDE in left()
    here.project.git("update-ref", "-d", "refs/exps/aa/bbbb/fast")
    here.run("prune", "--yes")
    assert SIDE in left()  # it was the champion of a commit that has gone
    CHAMPIONS.unlink()
    here.run("prune", "--yes")
    assert SIDE not in left()


def test_nothing_is_removed_while_another_is_at_work(
    here: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(patience: float = 0.0) -> None:
        raise BusyError("snakemake is at work")

    before = left()
    with monkeypatch.context() as patched:
        patched.setattr("labbook.commands.prune.a_job_is_at_work", lambda: True)
        assert "still at work in this folder" in here.run("prune", "--yes", ok=False)
    monkeypatch.setattr("labbook.commands.prune.alone", busy)
    here.run("prune")  # to look needs no lock
    here.run("prune", "--yes", ok=False)
    assert left() == before
    for count in ("0", "-1", "all"):
        with pytest.raises(SystemExit):
            main(["prune", f"--keep={count}"])
