"""Locks end with their process, however it ends, and say who holds them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.housekeeping.sweep import sweep
from labbook.paths import ATTIC, CHECKPOINTS, RUNS
from labbook.provenance.attic import bring_back, move_aside
from labbook.provenance.graph import Graph
from labbook.provenance.locks import (
    RWLOCK,
    BusyError,
    a_job_is_at_work,
    alone,
    turn,
)
from labbook.provenance.ownership import unasked
from labbook.provenance.runs_in_training import LIST, RUNS_IN_TRAINING, in_training
from labbook.running.begin import LOOKING
from labbook.training.runfile import run_path
from tests.conftest import ROOT, clean_environment

HOLD_FOLDER = "hold_for_life(); print('ready', flush=True); time.sleep(100)"
DO_JOB = "with turn('train/a'): print('ready', flush=True); time.sleep(100)"


UNTIL_GO = """print('ready', flush=True)
    while not Path('go').exists(): time.sleep(0.01)"""


@contextmanager
def let_go() -> Iterator[None]:
    """Has another process go on in a moment."""
    timer = threading.Timer(0.2, Path("go").touch)
    timer.start()
    yield
    timer.join()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def other(program: str) -> Iterator[subprocess.Popen[str]]:
    """Another process, killed at the end, that says `ready` when it holds a lock."""
    text = f"import time\nfrom pathlib import Path\nfrom labbook.provenance.locks import *\nfrom labbook.provenance.runs_in_training import in_training\n{program}"
    process = subprocess.Popen(
        [sys.executable, "-c", text, "an argument"], text=True, stdout=subprocess.PIPE,
        env=clean_environment(PYTHONPATH=str(ROOT / "src")),
    )  # fmt: skip
    with process.stdout or nullcontext() as output:
        assert output is not None
        assert output.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_who_holds_the_folder_is_named_until_it_ends() -> None:
    with other(HOLD_FOLDER) as holder, pytest.raises(BusyError) as caught, alone(0.1):
        pass
    message = str(caught.value)
    assert f"process {holder.pid}, since {time.strftime('%Y-%m-%d', time.gmtime())}" in message
    assert "an argument" in message
    assert "run the same command again" in message
    with alone(0):  # it was killed
        pass
    with other(HOLD_FOLDER) as holder:
        holder.send_signal(signal.SIGTERM)
        holder.wait()
        with alone(0):
            pass


def test_the_folder_is_free_afterwards_also_after_an_error() -> None:
    with pytest.raises(ValueError, match="within"), alone():
        raise ValueError("within")
    with other("with alone(0): print('ready', flush=True)"):
        pass


def test_a_job_waits_for_the_same_job_of_a_killed_snakemake(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with other(f"with turn('train/a'):\n    {UNTIL_GO}") as before:
        with turn("train/b"):
            assert a_job_is_at_work()
        assert before.poll() is None, "another job waits for nobody"
        with let_go(), turn("train/a"):
            assert Path("go").exists()
        before.wait()
    said = capfd.readouterr().err
    assert "train/a: waiting for the same job of before" in said
    assert f"process {before.pid}" in said
    assert not a_job_is_at_work()
    with other(DO_JOB):
        assert a_job_is_at_work()
    assert not a_job_is_at_work()  # it was killed


def test_a_run_that_another_job_trains_is_waited_for(capfd: pytest.CaptureFixture[str]) -> None:
    """And its list and lock are no job, and do not lie about for ever."""
    with other(f"with in_training(['b', 'a']):\n    {UNTIL_GO}") as before:
        assert not a_job_is_at_work()
        with in_training(["c"]):
            pass
        assert before.poll() is None, "other runs wait for nobody"
        with let_go(), in_training(["a"]):
            assert Path("go").exists()
        before.wait()
    said = capfd.readouterr().err
    assert said.startswith("run a: waiting for another job that trains it, too: `")
    assert f"process {before.pid}, since" in said
    assert len(said.splitlines()) == 1
    assert list(RUNS_IN_TRAINING.iterdir())
    sweep()
    assert not list(RUNS_IN_TRAINING.iterdir())


def test_more_runs_are_trained_at_once_than_files_may_be_open() -> None:
    """And the runs of a job that was killed are free."""
    runs = [f"{number:04x}" for number in range(1100)]
    few = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))\n"
    hold = f"with in_training({runs}):\n    {UNTIL_GO}"
    with other(few + hold), in_training(["ffff"]):
        assert len(list(RUNS_IN_TRAINING.glob(f"*{LIST}"))) == 2
    with in_training(runs):
        assert len(list(RUNS_IN_TRAINING.glob(f"*{LIST}"))) == 1
    assert not list(RUNS_IN_TRAINING.glob(f"*{LIST}"))


def test_nothing_changes_beside_a_dvc_at_work(folder: Path) -> None:
    """But beside one that was killed, one that called us, and one of another project."""

    def rwlock(process: int, of: Path = folder) -> None:
        held = {str(of / "results"): {"pid": process, "cmd": "dvc repro"}}
        write_text(RWLOCK, json.dumps({"write": held, "read": {}}))

    # A process whose command line is that of DVC, as far as anybody can see.
    dvc = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)", "dvc", "repro"])
    try:
        rwlock(dvc.pid)
        with pytest.raises(BusyError, match=rf"`dvc repro` \(process {dvc.pid}\)"), alone():
            pass
        rwlock(dvc.pid, folder.with_name("another project"))
        with alone():
            pass
    finally:
        dvc.kill()
        dvc.wait()
    for process in (dvc.pid, os.getppid()):
        rwlock(process)
        with alone():
            pass
    for content in ("", "{", "[]", '{"write": {}}'):  # cut short: DVC's own matter
        write_text(RWLOCK, content)
        with alone():
            pass


def test_a_folder_that_cannot_be_written_is_named() -> None:
    Path(".labbook").write_text("a file")
    reason = r"\.labbook/locks/folder\.lock: cannot be locked"
    with pytest.raises(LabbookError, match=reason), alone():
        pass


def test_what_was_half_written_is_swept() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    of_killed, of_living = process.pid, os.getppid()
    waste = [
        RUNS / f".0123456789abcdef.safetensors.{of_killed}.tmp",
        Path(f"data/raw/covid/.key.{of_killed}.tmp"),
        CHECKPOINTS / f".0123456789abcdef.safetensors.{of_killed}.tmp",
        CHECKPOINTS / "00000000000000aa.safetensors",  # its run is whole
    ]
    kept = [
        run_path(RUNS, "00000000000000aa"),
        RUNS / f".0123456789abcdef.safetensors.{of_living}.tmp",
        CHECKPOINTS / "00000000000000bb.safetensors",
        Path(f"tables/.mine.{of_killed}.tmp"),
        Path("results/.notes.tmp"),
    ]
    for path in [*waste, *kept]:
        write_text(path, "x")
    with other(DO_JOB):
        sweep()
        assert all(path.exists() for path in waste), "a job is at work"
    sweep()
    assert not [path for path in waste if path.exists()]
    assert all(path.exists() for path in kept)


def test_a_checkpoint_goes_with_its_run(project: Path) -> None:
    graph = Graph.load()
    asked = CHECKPOINTS / f"{next(iter(graph.run_ids.values()))}.safetensors"
    old = CHECKPOINTS / "0123456789abcdef.safetensors"
    for path in (asked, old):
        write_text(path, "state")
    assert unasked(graph) == [old]
    move_aside([old])
    assert (ATTIC / old).exists()
    bring_back(["0123456789abcdef"])
    assert old.read_text() == "state"


@pytest.mark.parametrize(
    ("arguments", "looks"),
    [("-n --dry-run --dryrun -np --summary --list-params-changes --report --report=r.zip", True),
     ("--cores --unlock -j4 results/report.html -Rtrain -sSnakefile --forceall -F --touch -k", False)],
)  # fmt: skip
def test_who_only_looks(arguments: str, looks: bool) -> None:
    for argument in arguments.split():
        assert bool(LOOKING.fullmatch(argument)) == looks, argument
