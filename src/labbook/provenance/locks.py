"""One at a time: who is at work in this folder. A lock ends with its process, however that ends.

The operating system holds the locks (`filelock`), so a killed process leaves none behind, and
nothing has to be unlocked. That is why the profile turns Snakemake's own lock off, which is a
file that outlives its owner. Who holds a lock is written beside it, for people alone.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from labbook.addresses import shown
from labbook.errors import LabbookError
from labbook.files import read_json

LOCKS = Path(".labbook/locks")
FOLDER = "folder"  # the lock of all that changes data and results
JOBS = "jobs"  # the locks of single jobs, a folder of them
RWLOCK = Path(".dvc/tmp/rwlock")  # DVC's own: which of its processes writes what
BESIDE = (
    "Another process is at work in this folder: what is missing, stale, damaged or not recorded "
    "may be in the making. Leave it as it is, and look again when that process has ended."
)
PATIENCE = 5.0  # seconds: `snakemake --dry-run` and `labbook tidy` have ended by then


class BusyError(LabbookError):
    """Another process is at work in this folder."""


_for_life: list[FileLock] = []  # held until this process ends


def hold_for_life() -> None:
    """Hold the folder until this process ends. Raises `BusyError` if another is at work in it."""
    if not _for_life:
        lock = acquire(FOLDER, PATIENCE)
        _refuse_beside_dvc()
        _for_life.append(lock)


@contextmanager
def alone(patience: float = PATIENCE) -> Iterator[None]:
    """Hold the folder for a while, once it is free for that.

    Raises `BusyError` if another process is at work in it for more than `patience` seconds.
    """
    lock = acquire(FOLDER, patience)
    try:
        _refuse_beside_dvc()
        yield
    finally:
        lock.release()


@contextmanager
def turn(name: str) -> Iterator[None]:
    """Around a job: waits while another process does the same job.

    That can only be one that outlived its Snakemake, which was killed without it.
    """
    with waited_for(f"{JOBS}/{name}", f"{name}: waiting for the same job of before"):
        yield


@contextmanager
def waited_for(path: str, waiting: str) -> Iterator[None]:
    """Hold a lock, however long that takes; `waiting` is said with its holder where it is held."""
    try:
        lock = acquire(path, 0.0)
    except BusyError:
        print(f"{waiting}: {_holder(path)}", file=sys.stderr, flush=True)
        lock = acquire(path, -1)
    with held(path, lock):
        yield


@contextmanager
def turn_if_free(name: str) -> Iterator[None]:
    """Around what must not go on beside a job. Raises `BusyError` while that is being done."""
    path = f"{JOBS}/{name}"
    with held(path, acquire(path, 0.0)):
        yield


@contextmanager
def held(path: str, lock: FileLock) -> Iterator[None]:
    """Around what an acquired lock is for: releases it."""
    try:
        yield
    finally:
        (LOCKS / f"{path}.json").unlink(missing_ok=True)
        lock.release()


def at_work() -> bool:
    """Whether another process is changing this folder, as far as one may look; waits for none."""
    try:
        _refuse_beside_dvc()
        return since() is not None or a_job_is_at_work()
    except BusyError:
        return True
    except OSError:  # a reader's: who may not write here need not fear for what is made
        return False


def since() -> float | None:
    """Since when, in seconds of the clock, a process holds this folder; None if none does."""
    path = LOCKS / f"{FOLDER}.lock"
    try:
        if path.exists():
            with FileLock(path, timeout=0):
                pass
    except Timeout:
        with suppress(LabbookError, KeyError, TypeError, ValueError):
            return float(read_json(path.with_suffix(".json"))["at"])
        return time.time()  # it has this moment begun
    except PermissionError:  # who may only read here cannot tell
        return None
    return None


def a_job_is_at_work() -> bool:
    """Whether a job is being done in this folder, be it one that outlived its Snakemake."""
    return bool(jobs_at_work())


def jobs_at_work() -> set[str]:
    """The names of the jobs that are being done in this folder."""
    names = set()
    for note in (LOCKS / JOBS).rglob("*.json"):
        try:
            with FileLock(note.with_suffix(".lock"), timeout=0):
                note.unlink(missing_ok=True)  # of a job that was killed
        except Timeout:
            names.add(note.relative_to(LOCKS / JOBS).with_suffix("").as_posix())
        except PermissionError:  # who may only read here cannot tell
            continue
    return names


def acquire(name: str, patience: float) -> FileLock:
    """Hold a lock, and write beside it who does: that means nothing while the lock is free."""
    path = LOCKS / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=patience)
        lock.acquire()
        program, *arguments = sys.argv
        if Path(program).name == "__main__.py":
            program = Path(program).parent.name
        note = {
            "process": os.getpid(),
            "machine": socket.gethostname(),
            "at": time.time(),
            "since": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "command": shown(" ".join([Path(program).name, *arguments])),
        }
        path.with_suffix(".json").write_text(json.dumps(note), encoding="utf-8")
    except Timeout:
        raise BusyError(
            f"{_holder(name)} is at work in this folder. Wait until it has ended, or end it, and "
            "run the same command again."
        ) from None
    except OSError as error:
        raise LabbookError(
            f"{path}: cannot be locked ({error.strerror or error}). labbook needs to write under "
            ".labbook, data and results; make them yours (chmod, chown) and run again."
        ) from error
    return lock


def _holder(name: str) -> str:
    """Who holds a lock, in words."""
    try:
        note = read_json(LOCKS / f"{name}.json")
        place = "" if note["machine"] == socket.gethostname() else f" on {note['machine']}"
        return f"`{note['command']}` (process {note['process']}{place}, since {note['since']} UTC)"
    except (LabbookError, KeyError, TypeError):
        return "Another process"  # it has this moment begun


def _refuse_beside_dvc() -> None:
    """Raise `BusyError` while a DVC that did not start this process writes data or results.

    Between its stages' commands DVC takes the sums of what was made: nothing may change then.
    """
    try:
        writers = read_json(RWLOCK).get("write", {}) if RWLOCK.exists() else {}
    except (LabbookError, AttributeError):
        return  # being written, or broken: then DVC itself says what to do
    above = {process.pid for process in psutil.Process().parents()}
    for path, writer in writers.items():
        process = writer["pid"]
        if not Path(path).is_relative_to(Path.cwd()) or process in above:
            continue
        with suppress(psutil.Error):  # numbers of processes that were killed come again
            if any("dvc" in word for word in psutil.Process(process).cmdline()):
                raise BusyError(
                    f"`{shown(writer['cmd'])}` (process {process}) is at work in this folder. Wait "
                    "until it has ended, or end it, and run the same command again."
                )
