"""Locks end with their process, however it ends, and say who holds them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.housekeeping.sweep import sweep
from labbook.paths import ATTIC, CHECKPOINTS, RUNS
from labbook.provenance.attic import bring_back, move_aside
from labbook.provenance.graph import Graph
from labbook.provenance.locks import RWLOCK, BusyError, a_job_is_at_work, alone, turn
from labbook.provenance.ownership import unasked
from labbook.running.begin import LOOKING
from labbook.training.runfile import run_path
from tests.conftest import ROOT, clean_environment


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def other(program: str) -> subprocess.Popen[str]:
    """Another process that says `ready` when it holds a lock, and then sleeps."""
    text = f"import time\nfrom labbook.provenance.locks import *\n{program}"
    process = subprocess.Popen(
        [sys.executable, "-c", text, "an argument"], text=True, stdout=subprocess.PIPE,
        env=clean_environment(PYTHONPATH=str(ROOT / "src")),
    )  # fmt: skip
    with process.stdout or nullcontext() as said:
        assert said is not None
        assert said.readline() == "ready\n"
    return process


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    process = other("hold_for_life(); print('ready', flush=True); time.sleep(100)")
    yield process
    process.kill()
    process.wait()


def test_who_holds_the_folder_is_named(holder: subprocess.Popen[str]) -> None:
    with pytest.raises(BusyError) as caught, alone(0.1):
        pass
    message = str(caught.value)
    assert f"process {holder.pid}, since " in message
    assert time.strftime("%Y-%m-%d", time.gmtime()) in message
    assert "an argument" in message
    assert "run the same command again" in message


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_holds_nothing(
    holder: subprocess.Popen[str], sign: signal.Signals
) -> None:
    holder.send_signal(sign)
    holder.wait()
    with alone(0):
        pass


def test_the_folder_is_free_afterwards_also_after_an_error() -> None:
    with pytest.raises(ValueError, match="within"), alone():
        raise ValueError("within")
    check = "from labbook.provenance.locks import alone\nwith alone(0): pass"
    environment = clean_environment(PYTHONPATH=str(ROOT / "src"))
    assert subprocess.run([sys.executable, "-c", check], env=environment).returncode == 0


def test_a_job_waits_for_the_same_job_of_a_killed_snakemake(
    capfd: pytest.CaptureFixture[str],
) -> None:
    wait = "while not Path('go').exists(): time.sleep(0.01)"
    before = other(f"with turn('train/a'):\n    print('ready', flush=True)\n    {wait}")
    with turn("train/b"):
        assert a_job_is_at_work()
    assert before.poll() is None, "another job waits for nobody"
    timer = threading.Timer(0.2, Path("go").touch)
    timer.start()
    with turn("train/a"):
        assert Path("go").exists()
    before.wait()
    timer.join()
    assert f"process {before.pid}" in capfd.readouterr().err
    assert not a_job_is_at_work()


def test_a_killed_job_is_not_at_work() -> None:
    job = other("with turn('train/a'): print('ready', flush=True); time.sleep(100)")
    assert a_job_is_at_work()
    job.kill()
    job.wait()
    assert not a_job_is_at_work()


def a_dvc() -> subprocess.Popen[bytes]:
    """A process whose command line is that of DVC, as far as anybody can see."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)", "dvc", "repro"])


def rwlock(folder: Path, process: int) -> None:
    held = {str(folder / "results"): {"pid": process, "cmd": "dvc repro"}}
    write_text(RWLOCK, json.dumps({"write": held, "read": {}}))


def test_nothing_changes_beside_dvc(folder: Path) -> None:
    dvc = a_dvc()
    rwlock(folder, dvc.pid)
    try:
        with pytest.raises(BusyError, match=rf"`dvc repro` \(process {dvc.pid}\)"), alone():
            pass
        rwlock(folder.with_name("another project"), dvc.pid)
        with alone():
            pass
    finally:
        dvc.kill()
        dvc.wait()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"write": {}}'])
def test_a_lock_file_of_dvc_that_is_cut_short_is_dvcs_own_matter(content: str) -> None:
    write_text(RWLOCK, content)
    with alone():
        pass


def test_a_killed_dvc_and_one_that_called_us_are_no_hindrance(folder: Path) -> None:
    dvc = a_dvc()
    dvc.kill()
    dvc.wait()
    for process in (dvc.pid, os.getpid(), os.getppid()):
        rwlock(folder, process)
        with alone():
            pass


def test_a_folder_that_cannot_be_written_is_named() -> None:
    Path(".labbook").write_text("a file")
    with (
        pytest.raises(LabbookError, match=r"\.labbook/locks/folder\.lock: cannot be locked"),
        alone(),
    ):
        pass


def killed() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_what_was_half_written_is_swept(folder: Path) -> None:
    of_killed, of_living = killed(), os.getppid()
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
    job = other("with turn('train/a'): print('ready', flush=True); time.sleep(100)")
    sweep()
    assert all(path.exists() for path in waste), "a job is at work"
    job.kill()
    job.wait()
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
    ("argument", "looks"),
    [("-n", True), ("--dry-run", True), ("--dryrun", True), ("-np", True), ("--summary", True),
     ("--cores", False), ("--unlock", False), ("-j4", False), ("results/report.html", False),
     ("--list-params-changes", True), ("-Rtrain", False), ("-sSnakefile", False),
     ("--forceall", False), ("-F", False), ("--touch", False), ("-k", False)],
)  # fmt: skip
def test_who_only_looks(argument: str, looks: bool) -> None:
    assert bool(LOOKING.fullmatch(argument)) == looks
