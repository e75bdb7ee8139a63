"""The plan of a network for the machine code: its operations, and where everything lies in memory.

All trained weights lie in one vector, all running statistics in another, all that is computed on
the way in a third, the workspace. Channels are padded with zeros to a multiple of 16, one vector
of the processor, so a product has no remainder; images have as many zero pixels around them as the
next convolution reads.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from labbook.engines.compiled.operations import KINDS, OPERATION
from labbook.models import Network
from labbook.models.layers import Convolution, Flatten, Powers

LANES = 16
CACHE = 2**17  # floats of the rows that go through the network together: they stay in the cache
TIMES_WEIGHTS = 4  # but so many rows that reading all weights for them costs little
MOST_ROWS = 256
MOST_WORK = 2**31  # multiplications in a block: a third of a second at most, there and back
# Fields of OPERATION that are offsets per row: they grow with the rows of the block.
PER_ROW = ("source", "target", "source_gradient", "target_gradient", "kept")


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
    """What the layers added so far take (layers.plan adds them); `batch` is the rows of a step.

    `stage` is where the last layer has left its values.
    """

    network: Network
    batch: int
    operations: list[dict[str, Any]] = field(default_factory=list)
    index: dict[str, np.ndarray] = field(default_factory=dict)  # weight -> places in its vector
    weights: int = 0  # length of the vector of weights
    statistics: int = 0
    sums: int = 0  # float64 that batch norm adds up
    workspace: int = 0  # floats beside the rows: constants, transposed weights
    row: int = 0  # floats of the workspace for each row of the block
    drawn: int = 0  # units of all dropout layers

    def __post_init__(self) -> None:
        layers = list(self.network.layers.values())
        self.powers = next((layer.degree for layer in layers if isinstance(layer, Powers)), 1)
        border = 2 * (max((getattr(layer, "kernel", 1) for layer in layers), default=1) // 2)
        shapes = [self.network.inputs, *self.network.shapes().values()]
        widest = max(
            pad(channels) * math.prod(side + border for side in pixels)
            for channels, *pixels in shapes
        )
        self.zeros, self.ones = self.beside(max(widest, LANES)), self.beside(LANES)
        if isinstance(layers[0], Convolution):
            channels, height, width = self.network.inputs
            stage = Stage(height, width, channels, channels, layers[0].kernel // 2)
        else:
            columns = math.prod(self.network.inputs) * self.powers
            stage = Stage(1, 1, pad(columns), columns, 0)
        self.input = self.stage = replace(stage, value=self.per_row(stage.size))
        self.input_size = stage.height * stage.width * stage.channels  # floats of a row of data

    # Room: each gives the offset of so many numbers.

    def beside(self, size: int) -> int:
        """Of the workspace, beside the rows."""
        self.workspace += pad(size)
        return self.workspace - pad(size)

    def per_row(self, size: int) -> int:
        """Of the workspace, for each row of the block."""
        self.row += pad(size)
        return self.row - pad(size)

    def weight(self, size: int) -> int:
        """Of the vector of weights."""
        self.weights += pad(size)
        return self.weights - pad(size)

    # Stages and operations.

    def border(self, name: str) -> int:
        """Pixels around what comes out of a layer: half the kernel that reads it, or made it."""
        names = list(self.network.layers)
        later = [self.network.layers[n] for n in names[names.index(name) + 1 :]]
        layer = self.network.layers[name]
        if isinstance(layer, Convolution):  # its gradient is read by the convolution backward
            return layer.kernel // 2
        reader = next((one for one in later if isinstance(one, Convolution | Flatten)), None)
        return reader.kernel // 2 if isinstance(reader, Convolution) else 0

    def next(self, height: int, width: int, units: int, border: int) -> Stage:
        """A new stage with room for values and gradients."""
        stage = Stage(height, width, pad(units), units, border)
        value, gradient = self.per_row(stage.size), self.per_row(stage.size)
        return replace(stage, value=value, gradient=gradient)

    def add(self, kind: str, target: Stage, **more: float) -> None:
        """An operation from the stage that there is to `target`; `more`: fields of OPERATION."""
        source = self.stage
        self.operations.append(
            {
                "kind": KINDS.index(kind), "source": source.value, "target": target.value,
                "source_gradient": source.gradient, "target_gradient": target.gradient,
                "height": source.height, "width": source.width, "channels": source.channels,
                "border": source.border, "units": source.units, "source_size": source.size,
                "target_channels": target.channels, "target_border": target.border,
                "target_units": target.units, "target_size": target.size,
                "kept": -1, "weight": -1, "bias": -1, "turned": -1,
                **more,
            }
        )  # fmt: skip
        self.stage = target

    # The whole, once all layers are there.

    @property
    def block(self) -> int:
        """Rows that go through the network together.

        It changes no bits: sums go on from block to block in the order of the rows. With batch
        norm it is the whole batch, of which the means are needed.
        """
        floats = max(CACHE, TIMES_WEIGHTS * self.weights)
        multiplications: int = sum(  # of one row on the way forward
            one["height"] * one["width"] * one["channels"] * one["target_channels"]
            * one.get("kernel", 1) ** 2
            for one in self.operations
            if one["kind"] in (KINDS.index("linear"), KINDS.index("convolution"))
        )  # fmt: skip
        fits = max(1, min(floats // self.row, MOST_ROWS, MOST_WORK // max(1, multiplications)))
        norm = any(operation["kind"] == KINDS.index("norm") for operation in self.operations)
        return max(fits, self.batch) if norm else fits

    def place(self, offset: int) -> int:
        """An offset per row as one in the workspace, -1 where there is nothing."""
        return self.workspace + self.block * offset if offset >= 0 else -1

    def table(self) -> np.ndarray:
        """The operations as records OPERATION, their offsets in floats."""
        table = np.zeros(len(self.operations), OPERATION)
        for record, operation in zip(table, self.operations, strict=True):
            for name, value in operation.items():
                record[name] = self.place(value) if name in PER_ROW else value
        return table

    def workspace_size(self) -> int:
        """Floats of the workspace: what lies beside the rows, the rows, the targets."""
        return self.workspace + self.block * (self.row + 1) + LANES

    def bytes(self, rows: int, valid_rows: int, epochs: int) -> int:
        """Memory that a run of this program takes, data and all."""
        data = (rows + valid_rows) * (self.input_size + 1) + rows
        floats = self.workspace_size() + 5 * self.weights + 2 * self.statistics + data
        return 4 * floats + 8 * (self.sums + 3 * epochs)


def pad(size: int) -> int:
    """The next multiple of 16."""
    return -(-size // LANES) * LANES
