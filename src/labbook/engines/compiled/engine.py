"""The compiled engine: each run whole in machine code, one run after the other, one core."""

import math
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from labbook.engines.compiled import operations
from labbook.engines.compiled.arrays import Arrays, inputs, norm_layers
from labbook.engines.compiled.library import functions
from labbook.training import schedules
from labbook.training.run import Run, Trained
from labbook.training.runfile import CONVERGED, DIVERGED, GRADIENT_NORM, STALLED, STOPPED
from labbook.training.stopping import ended_by_budget
from labbook.training.watch import Watch

SLICE_SECONDS = 0.05  # of machine code between two looks at the clock and the signals
MOST_ROWS = 2**24  # in a slice
ENDINGS = {
    operations.DIVERGED: DIVERGED,
    operations.CONVERGED: CONVERGED,
    operations.STOPPED: STOPPED,
    operations.STALLED: STALLED,
}
SAVED = (
    "state", "weights", "gradient", "first", "second", "best", "statistics", "best_statistics",
)  # fmt: skip
CURVES = ("train_loss", "valid_loss", "rates", "gradient_norms")


class Engine:
    """Trains runs one after the other: a run's working set is alone in the cache.

    The machine code is made, where it is not there yet, before there is anything to train: a
    signal ends that at once.
    """

    def __init__(self) -> None:
        functions()

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Train `runs`, always on the CPU. Raises `LabbookError`."""
        for run in runs:
            arrays = Arrays(run)
            _resume(arrays, run, watch)
            _fit(arrays, run, watch)
            yield _trained(arrays, run, watch)
            watch.stop_if_asked()  # nothing is in work


class _Slice:
    """How many rows the machine code is given at once, so that it takes about SLICE_SECONDS."""

    def __init__(self) -> None:
        self.rows = 1
        self.began = 0.0

    def __enter__(self) -> int:
        self.began = time.perf_counter()
        return self.rows

    def __exit__(self, *error: object) -> None:
        seconds = time.perf_counter() - self.began
        if seconds < SLICE_SECONDS / 2:
            self.rows = min(2 * self.rows, MOST_ROWS)
        elif seconds > 2 * SLICE_SECONDS:
            self.rows = max(self.rows // 2, 1)


def _fit(arrays: Arrays, run: Run, watch: Watch) -> None:
    """Train to the end, in slices of about SLICE_SECONDS."""
    advance, addresses = functions()["advance"], arrays.addresses()
    state, rate_of = arrays.state, _rates(arrays, run)
    by_loss = schedules.depends_on_loss(run.recipe.schedule)
    by_epoch = by_loss or run.augment is not None
    rows, augmented = _Slice(), -1
    while state["ended"] == operations.GOES_ON:
        epoch = int(state["epoch"])
        if by_loss:  # the schedule must see each epoch's loss
            past = arrays["valid_loss"][epoch - 1] if epoch else math.inf
            if not _is_begun(state):
                arrays["rates"][epoch] = rate_of(epoch, past)
        if run.augment is not None and augmented != epoch:  # also after a resumption within it
            arrays.load(run.augmented(epoch + 1, partial(_pause, arrays, run, watch))[0])
            augmented = epoch
        with rows as count:
            last = epoch + 1 if by_epoch else run.recipe.training.epochs
            advance(addresses.ctypes.data, count, last)
        if state["ended"] == operations.GOES_ON:
            _pause(arrays, run, watch)
        watch.say(run.id, int(state["epoch"]))


def _pause(arrays: Arrays, run: Run, watch: Watch) -> None:
    """Write a checkpoint, and stop, where it is time to."""
    if watch.pause():
        _save(arrays, run, watch)
        watch.go_on()


def _is_begun(state: Any) -> bool:
    """Whether the epoch after the whole ones has begun."""
    return any(state[name] > 0 for name in ("row", "done"))


def _rates(arrays: Arrays, run: Run) -> schedules.RateOf:
    """The schedule, shown what it saw before a resumption; one blind to losses is asked at once."""
    rate_of = schedules.build(run.recipe.schedule, run.recipe.optimizer.rate)
    if schedules.depends_on_loss(run.recipe.schedule):
        done = int(arrays.state["epoch"]) + _is_begun(arrays.state)
        for epoch in range(done):
            rate_of(epoch, arrays["valid_loss"][epoch - 1] if epoch else math.inf)
    else:
        arrays["rates"][:] = [rate_of(epoch, math.inf) for epoch in range(len(arrays["rates"]))]
    return rate_of


def _save(arrays: Arrays, run: Run, watch: Watch) -> None:
    """Write a checkpoint: it may be taken in the middle of a step, or of validation."""
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
    functions()["take_up"](addresses.ctypes.data)


def _trained(arrays: Arrays, run: Run, watch: Watch) -> Trained:
    epochs, state = int(arrays.state["epoch"]), arrays.state
    curves = {
        "train_loss": arrays["train_loss"],
        "valid_loss": arrays["valid_loss"],
        "rate": arrays["rates"],
    }
    for name, norms in zip(norm_layers(run), arrays["gradient_norms"].T, strict=True):
        curves[GRADIENT_NORM + name] = norms
    ended = ENDINGS.get(int(state["ended"])) or ended_by_budget(arrays["valid_loss"].tolist())
    best = int(state["best_epoch"])
    with np.errstate(over="ignore"):  # the gradient of a run that diverges
        curves = {name: curve[:epochs].astype(np.float32) for name, curve in curves.items()}
    return Trained(
        run=run,
        ended=ended,
        best_epoch=best,
        curves=curves,
        weights=arrays.best() if best else {},
        outputs=partial(_outputs, arrays, run, watch),
    )


def _outputs(arrays: Arrays, run: Run, watch: Watch, x: np.ndarray) -> np.ndarray:
    """What the network of the best epoch gives for x (rows, ...): (rows, outputs).

    In slices, like training; told to stop, it leaves a checkpoint of the run as it has ended.
    """
    arrays["weights"][:], arrays["statistics"][:] = arrays["best"], arrays["best_statistics"]
    outputs = np.zeros((len(x), arrays.program.stage.units), np.float32)
    predict, addresses, rows = functions()["predict"], arrays.addresses(), _Slice()
    first = 0
    while first < len(x):
        with rows as count:
            part = inputs(arrays.program, x[first : first + count])
            target = outputs[first : first + count]
            predict(addresses.ctypes.data, part.ctypes.data, target.ctypes.data, len(part))
        first += count
        if watch.received:
            _save(arrays, run, watch)
            watch.stop_if_asked()
    return outputs
