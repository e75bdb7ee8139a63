"""Two at once in one folder: one is at work, the other says who and since when, and how to go on.

The one at work is stopped for the while (SIGSTOP), so that nothing here depends on time.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.workflow.finished import assert_equal, assert_recorded
from tests.workflow.project import Project, Started
from tests.workflow.small import half_written, small, tear_dvc_lock

SNAKEMAKE, REPRO = ("snakemake", "--cores", "1"), ("dvc", "repro")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return small(tmp_path_factory.mktemp("two") / "base").under_version_control()


@pytest.fixture(scope="module")
def alone(base: Project) -> Project:
    """What an undisturbed project has."""
    project = base.copy(base.folder.with_name("alone"))
    project.snakemake()
    return project


@pytest.fixture(scope="module")
def recorded(alone: Project) -> Project:
    """The same, recorded by DVC; the fixtures are not changed by tests."""
    project = alone.copy(alone.folder.with_name("recorded"))
    project.run(*REPRO)
    project.commit("results")
    return project


@pytest.fixture
def project(base: Project, tmp_path: Path) -> Project:
    return base.copy(tmp_path / "project")


@contextmanager
def stopped_in_training(
    project: Project, *command: str, until: Callable[[], object] | None = None
) -> Iterator[Started]:
    """A program that stands still once a run has been trained; at the end it goes on to its end."""
    started = Started(project, *command)
    try:
        assert started.wait_for(until or project.trained), started.output
        started.send(signal.SIGSTOP)
        yield started
        started.send(signal.SIGCONT)
        started.end()
    finally:
        if started.process.poll() is None:
            started.end(signal.SIGKILL)


def beside(project: Project, *commands: tuple[str, ...]) -> list[tuple[int, str]]:
    """Exit codes and outputs of programs, one after the other."""
    all_ran = [project.run(*command, ok=False) for command in commands]
    return [(ran.returncode, ran.stdout) for ran in all_ran]


def assert_refused(ran: tuple[int, str], holder: int, command: str) -> None:
    code, output = ran
    assert code != 0, output
    assert f"process {holder}" in output or f"PID {holder}" in output
    assert command in output
    assert "again" in output
    assert "Traceback" not in output


def process_named(output: str) -> int:
    """The process that an output names as the one at work."""
    return int(re.findall(r"process (\d+)", output)[0])


def test_others_beside_snakemake(project: Project, alone: Project) -> None:
    """A worktree goes its own way meanwhile."""
    with stopped_in_training(project, *SNAKEMAKE) as first:
        before = project.results()
        second, repro, edition, tidy, unlock, dry, listing = beside(
            project,
            SNAKEMAKE,
            REPRO,
            ("labbook", "data", "curve", "real"),
            ("labbook", "tidy", "--yes"),
            ("snakemake", "--unlock"),
            ("snakemake", "--dry-run", "--quiet", "host"),
            ("labbook", "tidy"),
        )
        for ran in (second, repro, edition, tidy, unlock):
            assert_refused(ran, first.process.pid, "snakemake --cores 1")
            assert ", since 20" in ran[1]
        assert dry[0] == listing[0] == 0
        assert str(first.process.pid) in dry[1]
        assert "train" in dry[1]
        assert project.results() == before
        project.run("git", "worktree", "add", "-q", "../beside")
        worktree = Project(project.folder.with_name("beside"))
        worktree.snakemake()
        assert_equal(alone, worktree)
    assert first.process.returncode == 0, first.output
    assert "Nothing to be done" in project.snakemake("results/report.html")
    project.run(*REPRO)
    assert len(project.trained()) == len(set(project.trained())) == 4
    assert_equal(alone, project)


def test_a_job_that_outlives_its_snakemake(project: Project, alone: Project) -> None:
    """kill -9 of snakemake alone: its jobs live on, and what they do is not done twice."""
    jobs = project.folder / ".labbook/locks/jobs"
    training = lambda: list(jobs.rglob("train/*.json"))  # noqa: E731 - a second before its end
    with stopped_in_training(project, *SNAKEMAKE, until=training) as first:
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        second = Started(project, *SNAKEMAKE)
        waits = second.wait_for(lambda: "waiting for the same job of before" in second.output)
        assert waits, second.output
    assert second.end() == 0, second.output
    assert len(project.trained()) == len(set(project.trained())) == 4
    assert not half_written(project)
    assert_equal(alone, project)


def test_others_beside_dvc_and_parameters_edited_in_the_middle(
    project: Project, alone: Project
) -> None:
    with stopped_in_training(project, *REPRO) as first:
        second, snakemake, tidy = beside(project, REPRO, SNAKEMAKE, ("labbook", "tidy", "--yes"))
        assert_refused(second, first.process.pid, "repro")
        holder = process_named(snakemake[1])
        assert os.getpgid(holder) == os.getpgid(first.process.pid) != os.getpgid(0)
        for ran in (snakemake, tidy):
            assert_refused(ran, holder, "snakemake results/report.html")
        project.edit("[0.001, 0.01]", "[0.003, 0.01]")
    assert first.process.returncode != 0
    assert "Traceback" not in first.output
    said = [line for line in first.output.splitlines() if line.startswith("labbook: ")]
    assert any("has changed since this job was planned" in line for line in said), "\n".join(said)
    assert "Nothing failed" in first.output
    assert "Exception" not in first.output
    shown = " ".join(project.run("labbook", "show").stdout.split())
    assert "run the same command again" in shown
    assert "Mend what it says" not in shown
    there = set(project.trained())
    project.run(*REPRO)  # which tidies what is not asked for any more
    assert not there & set(project.trained()[len(there) :]), "trained though it was there"
    fresh = alone.copy(project.folder.with_name("fresh"))
    fresh.edit("[0.001, 0.01]", "[0.003, 0.01]")
    fresh.snakemake()
    fresh.run("labbook", "tidy", "--yes")
    assert_equal(fresh, project)
    project.edit("[0.003, 0.01]", "[0.001, 0.01]")
    project.snakemake()
    project.run(*REPRO)
    assert_equal(alone, project)
    assert_recorded(project)
    assert len(project.trained()) == len(set(project.trained())) <= 6


def test_dvc_never_records_parameters_that_were_not_worked_for(
    recorded: Project, tmp_path: Path
) -> None:
    """The title is edited when the report has been written and DVC has not recorded it yet."""
    project = recorded.copy(tmp_path / "project")
    project.edit('"Rates"', '"Mine"')
    page = project.folder / "results/report.html"
    started = Started(project, *REPRO)
    assert started.wait_for(lambda: page.exists() and "Mine" in page.read_text()), started.output
    started.send(signal.SIGSTOP)
    project.edit('"Mine"', '"Others"')
    started.send(signal.SIGCONT)
    started.end()
    if "Others" not in page.read_text():
        status = project.run("dvc", "status").stdout
        assert "up to date" not in status, f"DVC certifies an old report\n{started.output}"
    project.run(*REPRO)
    assert "Others" in page.read_text()


def test_a_lock_file_that_dvc_left_half_written(recorded: Project, tmp_path: Path) -> None:
    """DVC says what is wrong; without that file it goes on, as docs/design.md says."""
    project = recorded.copy(tmp_path / "project")
    project.edit('"Rates"', '"Mine"')
    rwlock = tear_dvc_lock(project)
    ran = project.run(*REPRO, ok=False)
    assert ran.returncode != 0
    assert "rwlock" in ran.stdout
    rwlock.unlink()
    project.run(*REPRO)
