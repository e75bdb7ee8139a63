"""Runs in training: a run that several jobs ask for is trained by one of them."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from labbook.files import write_text
from labbook.provenance.locks import LOCKS, acquire, held, waited_for

RUNS_IN_TRAINING = LOCKS / "runs"  # of each job that trains: a list of its runs, and its lock
LISTING = "listing"  # held by who lists
LIST = ".txt"


@contextmanager
def in_training(run_ids: Iterable[str]) -> Iterator[None]:
    """Around the training of runs: waits while another job trains one of them.

    That is how a study and a tuning which both ask for a run have it trained once. A job lists its
    runs beside a lock of its own: a lock for each run would keep thousands of files open. Until it
    may list all of them it lists none, so no two jobs wait for each other.
    """
    runs = set(run_ids)
    own = RUNS_IN_TRAINING / f"{uuid4().hex}{LIST}"
    path = _lock_of(own)
    with held(path, acquire(path, 0.0)):
        while found := _list_runs(own, runs):
            other, run_id = found
            waiting = f"run {run_id}: waiting for another job that trains it, too"
            with waited_for(_lock_of(other), waiting):
                other.unlink(missing_ok=True)  # its job was killed
        try:
            yield
        finally:
            own.unlink(missing_ok=True)


def _list_runs(own: Path, runs: Collection[str]) -> tuple[Path, str] | None:
    """List the runs of a job, or return another's list with the first run that it has as well."""
    one_at_a_time = _lock_of(RUNS_IN_TRAINING / LISTING)
    with held(one_at_a_time, acquire(one_at_a_time, -1)):
        for other in sorted(RUNS_IN_TRAINING.glob(f"*{LIST}")):
            with suppress(FileNotFoundError):  # its job has this moment ended
                if shared := set(runs).intersection(other.read_text(encoding="utf-8").split()):
                    return other, min(shared)
        write_text(own, "\n".join(sorted(runs)))
    return None


def _lock_of(listed: Path) -> str:
    return f"{RUNS_IN_TRAINING.name}/{listed.stem}"
