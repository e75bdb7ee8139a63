"""From a network to the operations of the machine code, and where everything lies in memory.

All trained weights lie in one vector, all running statistics in another, all that is computed on
the way in a third, the workspace; each operation knows the offsets. Channels are padded with zeros
to a multiple of 16, one vector of the processor, so a product has no remainder; images have as
many zero pixels around them as the next convolution reads.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from labbook.engines.compiled.operations import (
    ACTIVATIONS,
    KEEPS_SLOPE,
    KINDS,
    OPERATION,
    POOLINGS,
)
from labbook.models import Network, Shape
from labbook.models.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    Linear,
    Pooling,
    Powers,
)

LANES = 16
CACHE = 2**17  # floats of the rows that go through the network together: they stay in the cache
TIMES_WEIGHTS = 4  # but so many rows that reading all weights for them costs little
MOST_ROWS = 256


@dataclass(frozen=True)
class Stage:
    """Values between two operations: pixels (height, width) of padded channels, with a border.

    `value` and `gradient` are offsets per row of the block (times its rows in the workspace), the
    gradient's -1 for the input. `units` counts the channels that are no padding; `places` are
    those of a flattened image's numbers in its row, in the order of their names.
    """

    height: int
    width: int
    channels: int
    units: int
    border: int
    value: int = 0
    gradient: int = -1
    places: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Floats of one row of the batch."""
        return (self.height + 2 * self.border) * (self.width + 2 * self.border) * self.channels


@dataclass
class Program:
    """The operations of a network and the sizes of what they work on."""

    network: Network
    batch: int  # rows of a step
    operations: list[dict[str, Any]] = field(default_factory=list)
    index: dict[str, np.ndarray] = field(default_factory=dict)  # weight -> places in its vector
    weights: int = 0  # length of the vector of weights
    statistics: int = 0
    workspace: int = 0  # floats beside the rows: constants, transposed weights
    row: int = 0  # floats of the workspace for each row of the block
    drawn: int = 0  # units of all dropout layers

    def __post_init__(self) -> None:
        self.powers = next(
            (one.degree for one in self.network.layers.values() if isinstance(one, Powers)), 1
        )
        self.zeros = self._beside(max(self._widest(), LANES))
        self.ones = self._beside(LANES)
        self.input = self.stage = self._input()
        for name, layer in self.network.layers.items():
            LAYERS[type(layer)](self, name, layer)
        self.output = self.stage

    @property
    def block(self) -> int:
        """Rows that go through the network together; all of a batch where batch norm needs them.

        It changes no bits: sums go on from block to block in the order of the rows.
        """
        floats = max(CACHE, TIMES_WEIGHTS * self.weights)
        fits = min(max(floats // self.row, 1), MOST_ROWS)
        whole = any(isinstance(layer, BatchNorm) for layer in self.network.layers.values())
        return max(fits, self.batch) if whole else fits

    def table(self) -> np.ndarray:
        """The operations as records, their offsets in floats."""
        table = np.zeros(len(self.operations), OPERATION)
        for record, operation in zip(table, self.operations, strict=True):
            for name, value in operation.items():
                record[name] = value.at(self) if isinstance(value, PerRow) else value
        return table

    def workspace_size(self) -> int:
        """Floats of the workspace: what lies beside the rows, the rows, the targets."""
        return self.workspace + self.block * (self.row + 1) + LANES

    def bytes(self, rows: int, valid_rows: int, epochs: int) -> int:
        """Memory that a run of this program takes, data and all."""
        data = (rows + valid_rows) * (self.input_size + 1) + rows
        floats = self.workspace_size() + 5 * self.weights + 2 * self.statistics + data
        return 4 * floats + 3 * 8 * epochs

    @property
    def input_size(self) -> int:
        """Floats of a row of the data."""
        return self.input.height * self.input.width * self.input.channels

    # Where things lie.

    def _beside(self, size: int) -> int:
        self.workspace += pad(size)
        return self.workspace - pad(size)

    def _per_row(self, size: int) -> int:
        self.row += pad(size)
        return self.row - pad(size)

    def _weight(self, size: int) -> int:
        self.weights += pad(size)
        return self.weights - pad(size)

    def _widest(self) -> int:
        shapes = [self.network.inputs, *self.network.shapes().values()]
        kernel = max((getattr(one, "kernel", 1) for one in self.network.layers.values()), default=1)
        border = 2 * (kernel // 2)
        return max(_padded_size(shape, border) for shape in shapes)

    def _input(self) -> Stage:
        first = next(iter(self.network.layers.values()))
        shape = self.network.inputs
        if isinstance(first, Convolution):
            channels, height, width = shape
            stage = Stage(height, width, channels, channels, first.kernel // 2)
        else:
            columns = math.prod(shape) * self.powers
            stage = Stage(1, 1, pad(columns), columns, 0)
        return replace(stage, value=self._per_row(stage.size))

    def _border(self, name: str) -> int:
        """Pixels around what comes out of a layer: half the kernel that reads it, or made it."""
        names = list(self.network.layers)
        later = [self.network.layers[n] for n in names[names.index(name) + 1 :]]
        makes = self.network.layers[name]
        if isinstance(makes, Convolution):  # its gradient is read by the convolution backward
            return makes.kernel // 2
        reads = next((one for one in later if isinstance(one, Convolution | Flatten)), None)
        return reads.kernel // 2 if isinstance(reads, Convolution) else 0

    def _next(self, height: int, width: int, units: int, border: int) -> Stage:
        stage = Stage(height, width, pad(units), units, border)
        value, gradient = self._per_row(stage.size), self._per_row(stage.size)
        return replace(stage, value=value, gradient=gradient)

    def _add(self, kind: str, target: Stage, **more: Any) -> None:
        source = self.stage
        self.operations.append(
            {
                "kind": KINDS.index(kind),
                "source": PerRow(source.value), "target": PerRow(target.value),
                "source_gradient": PerRow(source.gradient),
                "target_gradient": PerRow(target.gradient),
                "height": source.height, "width": source.width, "channels": source.channels,
                "border": source.border, "units": source.units, "source_size": source.size,
                "target_channels": target.channels, "target_border": target.border,
                "target_units": target.units, "target_size": target.size,
                "kept": -1, "weight": -1, "bias": -1, "turned": -1,
                **more,
            }
        )  # fmt: skip
        self.stage = target


@dataclass(frozen=True)
class PerRow:
    """An offset that grows with the rows of the block."""

    offset: int

    def at(self, program: Program) -> int:
        """The offset in the workspace, -1 where there is nothing."""
        return program.workspace + program.block * self.offset if self.offset >= 0 else -1


def pad(size: int) -> int:
    """The next multiple of 16."""
    return -(-size // LANES) * LANES


def _padded_size(shape: Shape, border: int) -> int:
    channels, *pixels = shape
    return pad(channels) * math.prod(side + border for side in pixels)


def _linear(program: Program, name: str, layer: Linear) -> None:
    source, width = program.stage, pad(layer.outputs)
    weight = program._weight(source.units * width)
    places = np.arange(layer.inputs) if source.places is None else source.places
    program.index[f"{name}.weight"] = weight + places * width + np.arange(layer.outputs)[:, None]
    target = program._next(1, 1, layer.outputs, 0)
    program._add(
        "linear", target, weight=weight, bias=_bias(program, name, layer),
        turned=program._beside(layer.outputs * source.size),
    )  # fmt: skip


def _convolution(program: Program, name: str, layer: Convolution) -> None:
    source, width, kernel = program.stage, pad(layer.outputs), layer.kernel
    size = kernel * kernel * source.channels * width
    weight = program._weight(size)
    o, c, u, v = np.indices((layer.outputs, layer.channels, kernel, kernel))
    place = ((u * kernel + v) * source.channels + c) * width + o
    program.index[f"{name}.weight"] = weight + place
    target = program._next(source.height, source.width, layer.outputs, program._border(name))
    program._add(
        "convolution", target, weight=weight, bias=_bias(program, name, layer), kernel=kernel,
        turned=program._beside(size),
    )  # fmt: skip


def _bias(program: Program, name: str, layer: Linear | Convolution) -> int:
    if not layer.bias:
        return -1
    offset = program._weight(pad(layer.outputs))
    program.index[f"{name}.bias"] = offset + np.arange(layer.outputs)
    return offset


def _norm(program: Program, name: str, layer: BatchNorm) -> None:
    stage, width = program.stage, pad(layer.size)
    weight, bias = program._weight(width), program._weight(width)
    starts = {
        "weight": weight, "bias": bias,
        "running_mean": program.statistics, "running_var": program.statistics + width,
    }  # fmt: skip
    for what, start in starts.items():
        program.index[f"{name}.{what}"] = start + np.arange(layer.size)
    program._add(
        "norm", stage, weight=weight, bias=bias, statistics=program.statistics,
        kept=PerRow(program._per_row(stage.size)), deviation=program._beside(width),
    )  # fmt: skip
    program.statistics += 2 * width


def _activation(program: Program, name: str, layer: Activation) -> None:
    stage, keeps = program.stage, layer.function in KEEPS_SLOPE
    kept = program._per_row(stage.size) if keeps else stage.value
    program._add(
        "activation", stage, function=ACTIVATIONS.index(layer.function),
        kept=PerRow(kept),
    )  # fmt: skip


def _dropout(program: Program, name: str, layer: Dropout) -> None:
    stage = program.stage
    program._add(
        "dropout", program._next(1, 1, stage.units, 0), rate=layer.rate,
        kept=PerRow(program._per_row(stage.size)), drawn_before=program.drawn,
    )  # fmt: skip
    program.drawn += stage.units


def _pooling(program: Program, name: str, layer: Pooling) -> None:
    source = program.stage
    height, width = source.height // 2, source.width // 2
    target = program._next(height, width, source.units, program._border(name))
    program._add("pooling", target, function=POOLINGS.index(layer.kind))


def _flatten(program: Program, name: str, layer: Flatten) -> None:
    stage = program.stage
    if stage.gradient < 0:
        return  # the network's input: its rows are flat already
    channel, y, x = np.indices((stage.units, stage.height, stage.width)).reshape(3, -1)
    line = stage.width + 2 * stage.border
    places = ((y + stage.border) * line + x + stage.border) * stage.channels + channel
    size = stage.size
    program.stage = replace(
        stage, height=1, width=1, channels=size, units=size, border=0, places=places
    )


def _powers(program: Program, name: str, layer: Powers) -> None:
    """Nothing: they are computed once, of all rows (arrays.inputs_of)."""


LAYERS: Mapping[type, Any] = {
    Linear: _linear,
    Convolution: _convolution,
    BatchNorm: _norm,
    Activation: _activation,
    Dropout: _dropout,
    Pooling: _pooling,
    Flatten: _flatten,
    Powers: _powers,
}
