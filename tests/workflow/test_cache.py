"""DVC's cache: its kinds of links, and what happens where it has lost, or spoilt, a file."""

import shutil
from pathlib import Path

import pytest

from tests.workflow.finished import (
    ITS_JOBS,
    ITS_RUNS,
    ONE_RATE_MORE,
    Finished,
    assert_cache_is_whole,
    assert_equal,
    assert_idle,
    cached,
    commit,
    ran,
    spoil,
)
from tests.workflow.project import Project


def is_linked(path: Path) -> bool:
    return path.is_symlink() or path.stat().st_nlink > 1


@pytest.mark.parametrize("kind", ["hardlink", "symlink", "reflink"])
def test_a_whole_cycle_with_links_into_the_cache(
    finished: Finished, place: Project, kind: str
) -> None:
    place.run("dvc", "config", "cache.type", f"{kind},copy")  # DVC copies where it cannot reflink
    place.run("dvc", "checkout", "--relink", "-q")
    report = place.folder / "results/report.html"
    assert is_linked(report) == (kind != "reflink")
    if kind == "reflink":
        assert_idle(place)
        return  # copies: see all other tests
    place.edit(*ONE_RATE_MORE)
    assert ran(place, place.snakemake) == ITS_JOBS  # all of one study but its data, over links
    assert_equal(finished.edited, place)
    commit(place, "one rate more")
    place.checkout("HEAD~1")
    assert_equal(finished.origin, place)
    if kind == "hardlink":
        assert_idle(place)
        place.edit("points: 40", "points: 41")  # and its data
        assert ran(place, lambda: place.run("dvc", "repro")) >= {"prepare/function"} | ITS_JOBS
    else:
        place.checkout("main")
        assert is_linked(report)
        assert_equal(finished.edited, place)
    assert_cache_is_whole(place)


def some_run(project: Project) -> str:
    return f"results/runs/{min(path.name for path in (project.folder / 'results/runs').iterdir())}"


@pytest.mark.parametrize("way", ["pull", "snakemake"])
def test_what_the_cache_has_lost_is_pulled_or_made_again(
    finished: Finished, place: Project, way: str
) -> None:
    """`dvc checkout` brings a folder whole or not at all; so all of it is made where none has it."""
    trained = len(place.trained())
    cached(place.folder / ".dvc/cache", place.folder / some_run(place)).unlink()
    shutil.rmtree(place.folder / "results")
    said = place.run("dvc", "checkout", ok=False)
    assert said.returncode != 0
    assert "results" in said.stdout
    if way == "pull":
        place.run("dvc", "pull", "-q")
        assert not place.trained()
    else:
        place.snakemake()
        assert len(place.trained()) == trained
    assert_equal(finished.origin, place)
    place.run("dvc", "repro")
    assert place.run("git", "status", "--porcelain").stdout == ""
    assert_cache_is_whole(place)


@pytest.mark.parametrize("runs", [0, 1], ids=["a table", "a run"])
def test_what_the_cache_has_spoilt_is_told_and_made_again(
    finished: Finished, place: Project, runs: int
) -> None:
    """DVC believes its cache and brings the file, but the sums in key files do not agree."""
    name = some_run(place) if runs else "results/rate/curves.csv"
    spoil(cached(place.folder / ".dvc/cache", place.folder / name))
    (place.folder / name).unlink()
    place.run("dvc", "checkout", "-q")
    assert (place.folder / name).read_bytes() != finished.origin.results()[name]
    trained = len(place.trained())
    if runs:  # jobs take runs as they are; so nothing is done before it is gone
        refused = place.run("snakemake", "--cores", "2", ok=False)
        assert refused.returncode != 0
        assert "not what training wrote" in refused.stdout
        assert name in refused.stdout
        assert "Traceback" not in refused.stdout
        (place.folder / name).unlink()
        place.snakemake()
    else:
        assert name in place.snakemake()
    assert len(place.trained()) == trained + runs
    assert_equal(finished.origin, place)
    place.run("dvc", "repro")
    assert_equal(finished.origin, place)
    assert place.run("git", "status", "--porcelain").stdout == ""


def test_old_runs_after_a_garbage_collection(finished: Finished, tmp_path: Path) -> None:
    """They come from the attic; without it, those that the cache lost are trained again."""
    place = finished.edited.copy(tmp_path / "place")
    commit(place, "one rate more")
    place.run("git", "tag", "three")
    place.edit(ONE_RATE_MORE[1], ONE_RATE_MORE[0])
    place.run("dvc", "repro")
    assert_equal(finished.origin, place)  # the runs of the third rate are in the attic
    place.run("git", "commit", "-qam", "two rates")
    trained = place.trained()

    place.run("dvc", "gc", "-q", "-f", "--all-tags")
    place.checkout("three")
    assert_equal(finished.edited, place)
    assert_idle(place)
    place.checkout("main")

    # Where even the listing is gone, `dvc checkout` would empty the folder and then fail.
    place.run("dvc", "gc", "-q", "-f", "--workspace")
    place.run("git", "checkout", "-q", "three")
    lost = place.copy(tmp_path / "lost")
    shutil.rmtree(lost.folder / ".labbook/attic")
    for project, runs in ((place, 0), (lost, ITS_RUNS)):
        project.run("dvc", "repro")
        assert len(project.trained()) == len(trained) + runs
        assert_equal(finished.edited, project)
        assert project.run("git", "status", "--porcelain").stdout == ""
