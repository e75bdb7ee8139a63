"""Interrupted at twelve points, by Ctrl-C and by kill -9, now one engine at work and now the other.

The test knows files and commands alone. In the end there is what an undisturbed project has, to
the byte; nothing was trained again that had been trained, and nothing lies about half-written.
"""

import contextlib
import json
import random
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workflow.finished import assert_cache_is_whole, assert_equal, assert_recorded
from tests.workflow.project import Project, Started
from tests.workflow.small import half_written, small, tear_dvc_lock, whole_runs

POINTS = 12  # three of each engine, signal and place
COMMANDS = (("dvc", "repro"), ("snakemake", "--cores", "2"))
SIGNALS = (signal.SIGINT, signal.SIGKILL)
TORN = "Unable to read RWLock-file '.dvc/tmp/rwlock'. JSON structure is corrupted"


def new_work() -> Iterator[Callable[[Project], object]]:
    """What gives a finished project something to do, without end."""
    rates, title = "[0.001, 0.01]", "Rates"
    while True:
        for more in ("[0.001, 0.01, 0.1]", "[0.1, 0.02]", "[0.001, 0.03, 0.01]"):
            yield lambda project, old=rates, new=more: project.edit(old, new)
            rates = more
            yield lambda project: shutil.rmtree(project.folder / "results/packs")
            yield lambda project: shutil.rmtree(project.folder / "data/prepared")
            yield lambda project, old=title: project.edit(f'"{old}"', f'"{old}!"')
            title += "!"
        yield lambda project: shutil.rmtree(project.folder / "results")


def is_dvc_lock_torn(project: Project, ended: int, output: str) -> bool:
    """Whether DVC ended as a kill came while it wrote its own lock file, which is removed then.

    So docs/design.md says; without it DVC goes on.
    """
    is_torn = ended == 255 and TORN in output
    if is_torn:
        (project.folder / ".dvc/tmp/rwlock").unlink()
    return is_torn


def interrupt(project: Project, point: int, chance: random.Random) -> bool:
    """Start an engine and interrupt it: half of the times anywhere, half in training."""
    command, sign = COMMANDS[point % 2], SIGNALS[point // 2 % 2]
    there, trained = whole_runs(project), len(project.trained())
    started = Started(project, *command)
    if point % 4 in (1, 2):
        started.wait_for(lambda: len(project.trained()) > trained)
        wait = chance.uniform(0.0, 0.8)
    else:
        wait = chance.uniform(0.3, 6.0)
    with contextlib.suppress(subprocess.TimeoutExpired):
        started.process.wait(wait)
    by_itself = started.process.poll() is not None
    ended = started.end(sign)
    again = there & set(project.trained()[trained:])
    assert not again, f"point {point}: trained, though the run was there: {again}\n{started.output}"
    assert "a mistake of labbook's own" not in started.output, started.output
    ended_well = ended == 0 or is_dvc_lock_torn(project, ended, started.output)
    assert ended_well or not by_itself, (
        f"point {point}: {command} ends with {ended}\n{started.output}"
    )
    return ended == 0


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that was interrupted at twelve points, and then went on to its end."""
    project = small(tmp_path_factory.mktemp("interrupts") / "project").under_version_control()
    chance, work, finished = random.Random(20), new_work(), 0
    for point in range(POINTS):
        if interrupt(project, point, chance):
            next(work)(project)
            finished += 1
    assert finished <= POINTS * 3 // 4, "hardly a signal found work"
    ran = project.run("dvc", "repro", ok=False)
    if is_dvc_lock_torn(project, ran.returncode, ran.stdout):
        ran = project.run("dvc", "repro", ok=False)
    assert ran.returncode == 0, ran.stdout
    return project


def test_a_lock_that_a_kill_of_dvc_has_torn_is_an_interruption(tmp_path: Path) -> None:
    """Seldom a kill comes while it is being written: here it always has."""
    project = small(tmp_path / "project").under_version_control()
    rwlock = tear_dvc_lock(project)
    assert not interrupt(project, 2, random.Random(0))
    assert not rwlock.exists()
    rwlock.mkdir()  # anything else that keeps DVC from its work is a failure
    with pytest.raises(AssertionError, match="point 2"):
        interrupt(project, 2, random.Random(0))


def test_the_end_is_that_of_an_undisturbed_project(disturbed: Project, tmp_path: Path) -> None:
    calm = small(tmp_path / "calm")
    shutil.copy(disturbed.folder / "params.yaml", calm.folder)
    calm.snakemake()
    assert_equal(calm, disturbed)


def test_both_engines_are_at_rest_and_nothing_is_left_half_written(disturbed: Project) -> None:
    trained = disturbed.trained()
    assert "Nothing to be done" in disturbed.snakemake("results/report.html")
    assert_recorded(disturbed)
    assert disturbed.trained() == trained
    assert not half_written(disturbed)
    assert whole_runs(disturbed)
    assert_cache_is_whole(disturbed)
    held = json.loads((disturbed.folder / ".dvc/tmp/rwlock").read_text())
    assert not held.get("write")  # killed readers of src/labbook stay named; nobody waits for them
