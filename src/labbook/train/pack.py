"""Packs: runs that are trained one after the other in one process."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from labbook.data.prepared import read_prepared
from labbook.errors import LabbookError
from labbook.runs import RunRecord, read_run, run_path, write_run
from labbook.train.checkpoint import Checkpoint
from labbook.train.device import prepare_device
from labbook.train.interrupts import deferred_signals, stop_if_asked
from labbook.train.loop import State
from labbook.train.run import Task, train_run

__all__ = ["Task", "train_pack"]

PROGRESS_SECONDS = 1.0  # between two calls of `progress`: printing costs more than an epoch


Notify = Callable[[RunRecord, float], None]
Progress = Callable[[Task, int], None]


def train_pack(
    tasks: Sequence[Task],
    prepared: Path,
    folder: Path,
    checkpoints: Path,
    device: str,
    notify: Notify = lambda record, seconds: None,
    progress: Progress = lambda task, epoch: None,
) -> None:
    """Train those of `tasks` whose run file is not whole in `folder`, in order.

    `notify` gets each record once its file is written, and the seconds that it took here;
    `progress` the task in work and its epoch, about once a second. A run's file does not depend
    on the others, on their order, or on stops on the way: every `checkpoint.SECONDS` the state of
    the run in work goes to `checkpoints`, and the next call goes on from there. SIGTERM and
    Ctrl-C: a checkpoint, then `LabbookError` or KeyboardInterrupt.
    """
    missing = [task for task in tasks if not _is_whole(folder, task)]
    if not missing:
        return
    place = prepare_device(device, Path(checkpoints, "devices"))
    data = read_prepared(prepared)
    with deferred_signals() as received:
        for task in missing:
            stop_if_asked(received)
            began = time.monotonic()
            checkpoint = Checkpoint(checkpoints, task.id, task.identity)
            after_epoch = _watch(task, checkpoint, received, progress)
            record = train_run(task, data, place, checkpoint, after_epoch)
            write_run(run_path(folder, task.id), record)
            checkpoint.remove()
            notify(record, time.monotonic() - began)


def _is_whole(folder: Path, task: Task) -> bool:
    try:
        return read_run(run_path(folder, task.id)).id == task.id
    except LabbookError:  # missing or broken: it is made anew
        return False


def _watch(
    task: Task, checkpoint: Checkpoint, received: list[int], progress: Progress
) -> Callable[[State], None]:
    """What is done after each epoch; mostly nothing but a look at the clock."""
    last = time.monotonic()

    def after_epoch(state: State) -> None:
        nonlocal last
        if received or checkpoint.due():
            checkpoint.save(state)
            stop_if_asked(received)
        if time.monotonic() - last >= PROGRESS_SECONDS:
            last = time.monotonic()
            progress(task, state.epoch)

    return after_epoch
