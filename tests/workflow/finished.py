"""A project of two studies that both engines have finished, and what must hold of it in any place."""

import hashlib
import os
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT, copy_project, remember_code
from tests.workflow.project import Project

TWO_STUDIES = ROOT / "tests/two_studies.yaml"
JOBS_OF_ALL = 17  # two data sets and studies, two widths of columns

# An edit of params.yaml, the jobs that it asks for, and how many runs are new.
ONE_RATE_MORE = ("[0.05, 0.1]", "[0.05, 0.1, 0.2]")
ITS_JOBS = {"train/rate-000", "evaluate/rate", "claims", "figures/rate", "report"}
ITS_RUNS = 2
ANOTHER_TITLE = ('"Two studies"', '"Little"')


@dataclass(frozen=True)
class Finished:
    """`origin` is finished by Snakemake, recorded by DVC, committed and pushed: do not change."""

    origin: Project
    edited: Project  # the same after one rate more, by Snakemake, and recorded by DVC


def make_finished(folder: Path) -> None:
    """Make `folder`/origin, `folder`/store (its remote) and `folder`/edited."""
    origin = Project(copy_project(folder / "origin", TWO_STUDIES))
    origin.under_version_control(folder / "store")
    origin.snakemake()
    commit(origin, "results")
    origin.run("dvc", "push", "-q")
    edited = origin.copy(folder / "edited")
    edited.edit(*ONE_RATE_MORE)
    assert ran(edited, edited.snakemake) == ITS_JOBS
    assert ran(edited, lambda: edited.run("dvc", "repro")) == set()


def commit(project: Project, message: str) -> None:
    """What README.md says: `dvc repro`, which must run no job here, and git."""
    assert ran(project, lambda: project.run("dvc", "repro")) == set()
    assert_recorded(project)
    project.commit(message)


def ended(project: Project) -> dict[str, str]:
    """By node what the log of its last job here says, with the second it began."""
    logs = project.folder / "results/log"
    return {
        path.relative_to(logs).with_suffix("").as_posix(): path.read_text()
        for path in logs.rglob("*.log")
    }


def ran(project: Project, do: Callable[[], object]) -> set[str]:
    """The jobs that are done, and well, while `do` is called."""
    before = ended(project)
    do()
    new = {name: text for name, text in ended(project).items() if text != before.get(name)}
    assert [name for name, text in new.items() if not text.endswith(": done\n")] == []
    return set(new)


def kinds(jobs: Iterable[str]) -> set[str]:
    """The rules of jobs."""
    return {name.partition("/")[0] for name in jobs}


def assert_idle(project: Project) -> None:
    """Neither engine has anything to do, and neither does anything."""
    before = ended(project), project.trained()
    assert "Nothing to be done" in project.snakemake()
    output = project.run("dvc", "repro").stdout
    assert output.count("didn't change, skipping") == 3, output
    assert "Data and pipelines are up to date." in output
    assert (ended(project), project.trained()) == before


# Which runs share a job is in these; everything else must be equal.
OF_PACKS = re.compile(r"results/packs/|\.key$|/key$")


def assert_equal(one: Project, other: Project, *, packs: bool = True) -> None:
    """Data and results are equal to the byte, and nothing half-written lies about.

    Without `packs`, what says which runs share a job may differ.
    """
    first, second = (
        {
            name: content
            for name, content in project.results().items()
            if packs or not OF_PACKS.search(name)
        }
        for project in (one, other)
    )
    assert any(name.startswith("results/runs/") for name in first)
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    folders = (other.folder / "data", other.folder / "results")
    assert not [p for top in folders for p in top.rglob("*") if p.name.endswith((".tmp", ".part"))]


def snakemake(project: Project) -> str:
    return project.snakemake()


def dvc(project: Project) -> str:
    return project.run("dvc", "repro").stdout


ENGINES = {"snakemake": snakemake, "dvc": dvc}


def assert_edit_is_exact(finished: Finished, place: Project, engine: str) -> None:
    """One rate more by one engine runs just its jobs; then the other is idle; results are equal."""
    trained = len(place.trained())
    place.edit(*ONE_RATE_MORE)
    assert ran(place, lambda: ENGINES[engine](place)) == ITS_JOBS
    assert len(place.trained()) == trained + ITS_RUNS
    assert_equal(finished.edited, place)
    other = {"snakemake": "dvc", "dvc": "snakemake"}[engine]
    assert ran(place, lambda: ENGINES[other](place)) == set()
    assert_equal(finished.edited, place)
    assert lock(place) == lock(finished.edited)


def assert_title_is_exact(place: Project, engine: str) -> None:
    """Another title makes the report anew and nothing else; all else stays as it is."""
    before = place.results()
    place.edit(*ANOTHER_TITLE)
    assert ran(place, lambda: ENGINES[engine](place)) == {"report"}
    after = place.results()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"results/report.html", "results/report.key"}
    assert b"Little" in after["results/report.html"]


def assert_recorded(project: Project) -> None:
    """DVC knows all that is there."""
    assert project.run("dvc", "status").stdout.strip() == "Data and pipelines are up to date."


def lock(project: Project) -> bytes:
    """What DVC recorded."""
    return (project.folder / "dvc.lock").read_bytes()


def work_files(project: Project) -> list[Path]:
    """All files of a project but those of git and DVC, in order of their names."""
    top = project.folder
    return [
        path
        for path in sorted(top.rglob("*"))
        if path.is_file() and path.relative_to(top).parts[0] not in (".git", ".dvc")
    ]


def clone(project: Project, folder: Path) -> Project:
    """What another machine has after `git clone` and `dvc pull`."""
    subprocess.run(["git", "clone", "-q", project.folder, folder], check=True)
    remember_code(folder)
    cloned = Project(folder)
    cloned.run("dvc", "pull", "-q")
    return cloned


def cached(store: Path, path: Path) -> Path:
    """The file of a cache or remote of DVC's that has the content of a file."""
    total = hashlib.md5(path.read_bytes()).hexdigest()
    return store / "files/md5" / total[:2] / total[2:]


def assert_cache_is_whole(project: Project) -> None:
    """Every file of the cache has the content that its name says."""
    paths = [p for p in (project.folder / ".dvc/cache/files/md5").rglob("*") if p.is_file()]
    assert paths
    for path in paths:
        total = hashlib.md5(path.read_bytes()).hexdigest()
        assert path.parent.name + path.name.removesuffix(".dir") == total, path


def spoil(path: Path) -> None:
    """Another byte in the middle, as a disk may do it; times and rights stay."""
    state = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(state.st_mode)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
