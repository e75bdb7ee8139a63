"""The compiled engine: each run whole in machine code, one run after the other, one core."""

import math
import time
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from labbook import schedules
from labbook.engines.compiled import operations
from labbook.engines.compiled.arrays import Arrays, inputs
from labbook.engines.compiled.library import functions
from labbook.runs import CONVERGED, DIVERGED, STOPPED
from labbook.train.run import Run, Trained
from labbook.train.stopping import ended_by_budget
from labbook.train.watch import Watch

SLICE_SECONDS = 0.05  # of machine code between two looks at the clock and the signals
MOST_STEPS = 2**20  # in a slice
ENDINGS = {
    operations.DIVERGED: DIVERGED,
    operations.CONVERGED: CONVERGED,
    operations.STOPPED: STOPPED,
}
SAVED = ("state", "weights", "first", "second", "best", "statistics", "best_statistics")
CURVES = ("train_loss", "valid_loss", "rates")


class Engine:
    """Trains runs one after the other: a run's working set is alone in the cache."""

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Train `runs`, always on the CPU. Raises `LabbookError`."""
        for run in runs:
            arrays = Arrays(run)
            _resume(arrays, run, watch)
            _fit(arrays, run, watch)
            yield _trained(arrays, run)
            watch.stop_if_asked()  # nothing is in work


def _fit(arrays: Arrays, run: Run, watch: Watch) -> None:
    """Train to the end, in slices of about SLICE_SECONDS."""
    advance, addresses = functions()["advance"], arrays.addresses()
    state, rate_of = arrays.state, _rates(arrays, run)
    by_loss = schedules.depends_on_loss(run.recipe.schedule)
    by_epoch = by_loss or run.augment is not None
    steps, augmented = 1, -1
    while state["ended"] == operations.GOES_ON:
        epoch = int(state["epoch"])
        if by_loss:  # the schedule must see each epoch's loss
            past = arrays["valid_loss"][epoch - 1] if epoch else math.inf
            if state["row"] == 0:
                arrays["rates"][epoch] = rate_of(epoch, past)
        if run.augment is not None and augmented != epoch:  # also after a resumption within it
            arrays.load(run.augmented(epoch + 1, partial(_pause, arrays, run, watch))[0])
            augmented = epoch
        began = time.perf_counter()
        last = epoch + 1 if by_epoch else run.recipe.training.epochs
        advance(addresses.ctypes.data, steps, last)
        if time.perf_counter() - began < SLICE_SECONDS / 2:
            steps = min(2 * steps, MOST_STEPS)
        if state["ended"] == operations.GOES_ON:
            _pause(arrays, run, watch)
        watch.say(run.id, int(state["epoch"]))


def _pause(arrays: Arrays, run: Run, watch: Watch) -> None:
    """Write a checkpoint, and stop, where it is time to."""
    if watch.pause():
        _save(arrays, run, watch)
        watch.go_on()


def _rates(arrays: Arrays, run: Run) -> schedules.RateOf:
    """The schedule, shown what it saw before a resumption; one blind to losses is asked at once."""
    rate_of = schedules.build(run.recipe.schedule, run.recipe.optimizer.rate)
    if schedules.depends_on_loss(run.recipe.schedule):
        done = int(arrays.state["epoch"]) + (arrays.state["row"] > 0)
        for epoch in range(done):
            rate_of(epoch, arrays["valid_loss"][epoch - 1] if epoch else math.inf)
    else:
        arrays["rates"][:] = [rate_of(epoch, math.inf) for epoch in range(len(arrays["rates"]))]
    return rate_of


def _save(arrays: Arrays, run: Run, watch: Watch) -> None:
    """Write a checkpoint: it may be taken in the middle of an epoch."""
    done = int(arrays.state["epoch"]) + 1
    content = {name: arrays[name] for name in SAVED} | {
        name: arrays[name][:done] for name in CURVES
    }
    content["state"] = content["state"].view(np.uint8)
    watch.save(run.id, run.identity, content)


def _resume(arrays: Arrays, run: Run, watch: Watch) -> None:
    """Bring the arrays to where a checkpoint left them, if there is one."""
    saved = watch.load(run.id, run.identity)
    if saved is None:
        return
    for name in SAVED:
        arrays[name].view(np.uint8)[:] = saved[name].view(np.uint8)
    for name in CURVES:
        arrays[name][: len(saved[name])] = saved[name]
    addresses = arrays.addresses()  # must live as long as the call
    functions()["order_rows"](addresses.ctypes.data)


def _trained(arrays: Arrays, run: Run) -> Trained:
    epochs, state = int(arrays.state["epoch"]), arrays.state
    curves = {
        "train_loss": arrays["train_loss"],
        "valid_loss": arrays["valid_loss"],
        "rate": arrays["rates"],
    }
    ended = ENDINGS.get(int(state["ended"])) or ended_by_budget(arrays["valid_loss"].tolist())
    best = int(state["best_epoch"])
    return Trained(
        run=run,
        ended=ended,
        best_epoch=best,
        curves={name: curve[:epochs].astype(np.float32) for name, curve in curves.items()},
        weights=arrays.best() if best else {},
        outputs=partial(_outputs, arrays),
    )


def _outputs(arrays: Arrays, x: np.ndarray) -> np.ndarray:
    """What the network of the best epoch gives for x (rows, ...): (rows, outputs)."""
    arrays["weights"][:], arrays["statistics"][:] = arrays["best"], arrays["best_statistics"]
    flat = inputs(arrays.program, x)
    outputs = np.zeros((len(x), arrays.program.output.units), np.float32)
    addresses = arrays.addresses()
    functions()["predict"](addresses.ctypes.data, flat.ctypes.data, outputs.ctypes.data, len(flat))
    return outputs
