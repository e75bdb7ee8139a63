"""Packs: runs that are trained in one process; runs in, run files out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook.data.prepared import Prepared, read_prepared
from labbook.data.select import chosen, read_selection
from labbook.data.shuffled import shuffled
from labbook.data.tiny import tiny
from labbook.errors import LabbookError
from labbook.params.studies import Recipe
from labbook.training.interrupts import deferred_signals
from labbook.training.record import record_of
from labbook.training.run import Engine, Run
from labbook.training.runfile import RunRecord, read_run, run_path, write_run
from labbook.training.watch import Watch


@dataclass(frozen=True)
class Task:
    """A run to be made by an engine: `selection` is the file of chosen columns, None for all."""

    id: str
    identity: Mapping[str, Any]
    recipe: Recipe
    seed: int
    engine: str
    selection: Path | None = None


Notify = Callable[[RunRecord, float], None]
Progress = Callable[[str, int], None]


def train_pack(
    tasks: Sequence[Task],
    prepared: Path,
    folder: Path,
    checkpoints: Path,
    device: str,
    engine_of: Callable[[str], Engine],
    notify: Notify = lambda record, seconds: None,
    progress: Progress = lambda run_id, epoch: None,
    code: str = "",
) -> None:
    """Train those of `tasks` whose run file is not whole in `folder`.

    `engine_of` gives an engine by its name. `notify` gets each record once its file is written,
    and the seconds that its training took, earlier processes included; `progress` the run in work
    and its epoch, about once a second. A run's file does not depend on the others, on their order,
    or on stops on the way: states go to `checkpoints`, and the next call goes on from there where
    it has the same `code`: another version of it may give the states another meaning.
    SIGTERM and Ctrl-C: a checkpoint, then `LabbookError` or KeyboardInterrupt.
    """
    missing = [task for task in tasks if not _is_whole(folder, task)]
    if not missing:
        return
    data = read_prepared(prepared)
    # An engine may take long to be ready; nothing is lost then if a signal ends it at once.
    engines = {name: engine_of(name) for name in dict.fromkeys(task.engine for task in missing)}
    with deferred_signals() as received:
        watch = Watch(checkpoints, received, progress, code)
        for name, engine in engines.items():
            runs = [_run(task, data) for task in missing if task.engine == name]
            for trained in engine.train(runs, device, watch):
                seconds = watch.seconds(trained.run.id)
                record = record_of(trained)
                write_run(run_path(folder, record.id), record)
                watch.forget(record.id)
                notify(record, seconds)
            watch.stop_if_asked()  # during the last of them, after which no engine asked


def _is_whole(folder: Path, task: Task) -> bool:
    try:
        return read_run(run_path(folder, task.id)).id == task.id
    except LabbookError:  # missing or broken: it is made anew
        return False


def _run(task: Task, data: Prepared) -> Run:
    columns: np.ndarray | None = None
    if task.recipe.training.shuffled_target:
        data = shuffled(data, task.identity)
        found, _ = chosen(data, task.recipe.features, task.seed)
        columns = None if found is None else np.array(found, np.int64)
    elif task.selection is not None and data.kind != "images":
        columns = read_selection(task.selection).columns(task.seed)
    if task.recipe.training.tiny is not None:
        data = tiny(data, task.seed, task.recipe.training.tiny)
    return Run(task.id, task.identity, task.recipe, task.seed, data, columns)
