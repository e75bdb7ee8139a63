"""The cuda engine: runs that fit together train side by side, on a GPU or eagerly on the CPU."""

from collections.abc import Iterator, Sequence
from typing import Any

from labbook.engines.cuda.device import places, prepare
from labbook.engines.cuda.pack import Pack, bytes_each, member_of
from labbook.train.run import Run, Trained
from labbook.train.watch import Watch


class Engine:
    """Packs of batched tensors; a place that a run leaves is taken by the next one."""

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Train `runs`, those that can share kernels together. Raises `LabbookError`."""
        where = prepare(device)
        groups: dict[Any, list[Run]] = {}
        for run in runs:
            groups.setdefault(_kernels(run), []).append(run)
        for group in groups.values():
            pack = Pack(group[0], places(where, bytes_each(group[0])), where)
            yield from _train(pack, group, watch)


def _train(pack: Pack, runs: list[Run], watch: Watch) -> Iterator[Trained]:
    waiting = runs[::-1]
    while waiting or pack.present:
        while waiting and pack.free:
            run = waiting.pop()
            saved = watch.load(run.id, run.identity)
            pack.put(member_of(run, saved), saved)
        pack.train_epoch(watch)
        for _, member in pack.present:
            watch.say(member.run.id, member.epoch)
        yield from pack.take()


def _kernels(run: Run) -> Any:
    """What runs must have in common to be members of one pack."""
    training, split = run.recipe.training, run.data.split(run.seed)
    network = run.network
    return (
        network.inputs, tuple(network.layers.items()), run.recipe.optimizer.kind, training.batch,
        training.loss, training.clip, len(split.train), len(split.valid),
    )  # fmt: skip
