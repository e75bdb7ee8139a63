"""The arrays of a run that the machine code works on, and weights in and out of their vectors."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from labbook.engines.compiled.layers import plan
from labbook.engines.compiled.operations import (
    ADDRESSES,
    CONSTANTS,
    DRAWS,
    LOSSES,
    OPTIMIZERS,
    SETTINGS,
    STATE,
)
from labbook.engines.compiled.program import Program
from labbook.models.initialisation import initial_weights
from labbook.models.losses import loss_name
from labbook.streams import stream_key
from labbook.training.run import Run

BYTES = 64  # vectors that cross a cache line cost double: all arrays begin on one


class Arrays:
    """One run's arrays, by the names of operations.ADDRESSES."""

    def __init__(self, run: Run) -> None:
        x, y = run.part("train")
        valid_x, valid_y = run.part("valid")
        training = run.recipe.training
        batch = len(x) if training.batch == "all" else min(training.batch, len(x))
        self.program = program = plan(run.network, batch)
        self.by_name: dict[str, np.ndarray] = {
            "settings": _settings(run, program, len(x), len(valid_x)),
            "state": np.zeros(1, STATE),
            "operations": program.table(),
            "workspace": aligned(program.workspace_size()),
            "x": inputs(program, x),
            "y": y.astype(np.float32),
            "class_weights": class_weights(run),
            "valid_x": inputs(program, valid_x),
            "valid_y": valid_y.astype(np.float32),
            "order": np.zeros(len(x) + DRAWS, np.int32),
            "sums": np.zeros(program.sums),
            "gradient_norms": np.zeros((training.epochs, len(norm_layers(run)))),
        }
        for name in ("weights", "gradient", "first", "second", "best"):
            self.by_name[name] = aligned(program.weights)
        for name in ("statistics", "best_statistics"):
            self.by_name[name] = aligned(program.statistics)
        for name in ("rates", "train_loss", "valid_loss"):
            self.by_name[name] = np.zeros(training.epochs)
        self.state["best_loss"] = np.inf
        constants = self.state["constants"]
        for name, value in run.recipe.optimizer.identity().items():
            if name in (CONSTANTS.names or ()):
                constants[name] = value
        constants["beta1_power"] = constants["beta2_power"] = 1
        self["workspace"][program.ones] = 1  # all else is zero, and padding stays so
        self.put(initial_weights(run.network, run.seed_of("initialisation")))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.by_name[name]

    @property
    def state(self) -> Any:
        """Where the run is: the record operations.STATE."""
        return self.by_name["state"][0]

    def addresses(self) -> np.ndarray:
        """What the machine code is handed; good as long as these arrays live."""
        return np.array([self.by_name[name].ctypes.data for name in ADDRESSES], np.int64)

    def load(self, x: np.ndarray) -> None:
        """Write the training rows (rows, ...) as the next epoch sees them over those before."""
        self["x"][:] = inputs(self.program, x)

    def put(self, named: Mapping[str, np.ndarray]) -> None:
        """Write weights and statistics, given by name, into their vectors."""
        buffers = self.program.network.buffers()
        for name, array in named.items():
            vector = self["statistics" if name in buffers else "weights"]
            vector[self.program.index[name]] = array

    def best(self) -> dict[str, np.ndarray]:
        """Weights and statistics of the best epoch, by name."""
        network, index = self.program.network, self.program.index
        weights = {name: self["best"][index[name]] for name in network.weights()}
        return weights | {n: self["best_statistics"][index[n]] for n in network.buffers()}


def aligned(size: int) -> np.ndarray:
    """Float32 zeros (size,) that begin on a cache line."""
    array = np.zeros(size + BYTES // 4, np.float32)
    start = -array.ctypes.data % BYTES // 4
    return array[start : start + size]


def class_weights(run: Run) -> np.ndarray:
    """What a row counts by its class, float32 (2 * outputs,): in training, then in validation."""
    ones = np.ones(run.network.outputs, np.float32)
    weights = run.class_weights
    return np.concatenate([ones if weights is None else weights, ones])


def inputs(program: Program, x: np.ndarray) -> np.ndarray:
    """Rows of data (rows, ...) as the program reads them: (rows, height, width, channels) or flat.

    A polynomial's powers are made here, once.
    """
    if program.input.height > 1 or program.input.width > 1:
        x = x.transpose(0, 2, 3, 1)
    flat = x.reshape(len(x), -1)
    columns = program.input_size
    padded = np.zeros((len(x), columns), np.float32)
    power, width = flat, flat.shape[1]
    for degree in range(program.powers):
        power = power * flat if degree > 0 else flat
        padded[:, degree * width : (degree + 1) * width] = power
    return padded


def norm_layers(run: Run) -> tuple[str, ...]:
    """Layers whose gradient's norm the run is asked to keep, in order."""
    return run.network.trained_layers() if run.recipe.training.gradient_norms else ()


def _settings(run: Run, program: Program, rows: int, valid_rows: int) -> np.ndarray:
    """The record of what never changes."""
    training = run.recipe.training
    values = {
        "operations": len(program.operations),
        "block": program.block,
        "rows": rows,
        "valid_rows": valid_rows,
        "batch": program.batch,
        "epochs": training.epochs,
        "patience": training.patience or 0,
        "stalled": training.stalled or 0,
        "optimizer": OPTIMIZERS.index(run.recipe.optimizer.kind),
        "loss": LOSSES.index(loss_name(training.loss, run.task)),
        "weights": program.weights,
        "statistics": program.statistics,
        "drawn": program.drawn,
        "input_size": program.input_size,
        "targets": program.place(program.row),
        "output": program.place(program.stage.value),
        "output_gradient": program.place(program.stage.gradient),
        "output_size": program.stage.size,
        "outputs": program.stage.units,
        "zeros": program.zeros,
        "ones": program.ones,
        "norm_layers": len(norm_layers(run)),
        "tolerance": training.tolerance or 0,
        "clip": training.clip or 0,
    }
    for name, purpose in (("order", "batch order"), ("dropout", "dropout")):
        key = stream_key(run.seed_of(purpose), purpose)
        values |= {f"{name}0": key % 2**64, f"{name}1": key >> 64}
    record = np.zeros(1, SETTINGS)
    for name in SETTINGS.names or ():
        record[name] = values[name]
    return record
