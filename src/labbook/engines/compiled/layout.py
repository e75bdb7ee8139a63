"""Where everything lies in memory, as the layers of a network are added one after the other.

All trained weights lie in one vector, all running statistics in another, all that is computed on
the way in a third, the workspace. Channels are padded with zeros to a multiple of 16, one vector
of the processor, so a product has no remainder; images have as many zero pixels around them as the
next convolution reads.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from labbook.engines.compiled.operations import KINDS
from labbook.models import Network, Shape
from labbook.models.layers import Convolution, Flatten, Powers

LANES = 16


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


@dataclass(frozen=True)
class PerRow:
    """An offset in the workspace that grows with the rows of the block; -1: there is nothing."""

    offset: int


@dataclass
class Layout:
    """What the layers added so far take; `stage` is where the last one has left its values."""

    network: Network
    operations: list[dict[str, Any]] = field(default_factory=list)
    index: dict[str, np.ndarray] = field(default_factory=dict)  # weight -> places in its vector
    weights: int = 0  # length of the vector of weights
    statistics: int = 0
    sums: int = 0  # float64 that batch norm adds up
    workspace: int = 0  # floats beside the rows: constants, transposed weights
    row: int = 0  # floats of the workspace for each row of the block
    drawn: int = 0  # units of all dropout layers

    def __post_init__(self) -> None:
        self.powers = next(
            (one.degree for one in self.network.layers.values() if isinstance(one, Powers)), 1
        )
        self.zeros = self.beside(max(self._widest(), LANES))
        self.ones = self.beside(LANES)
        self.input = self.stage = self._input()

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

    def sum(self, size: int) -> int:
        """Of the sums of batch norm."""
        self.sums += size
        return self.sums - size

    # Stages and operations.

    def border(self, name: str) -> int:
        """Pixels around what comes out of a layer: half the kernel that reads it, or made it."""
        names = list(self.network.layers)
        later = [self.network.layers[n] for n in names[names.index(name) + 1 :]]
        makes = self.network.layers[name]
        if isinstance(makes, Convolution):  # its gradient is read by the convolution backward
            return makes.kernel // 2
        reads = next((one for one in later if isinstance(one, Convolution | Flatten)), None)
        return reads.kernel // 2 if isinstance(reads, Convolution) else 0

    def next(self, height: int, width: int, units: int, border: int) -> Stage:
        """A new stage with room for values and gradients."""
        stage = Stage(height, width, pad(units), units, border)
        value, gradient = self.per_row(stage.size), self.per_row(stage.size)
        return replace(stage, value=value, gradient=gradient)

    def add(self, kind: str, target: Stage, **more: Any) -> None:
        """An operation from the stage that there is to `target`; `more`: fields of OPERATION."""
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

    def _input(self) -> Stage:
        first = next(iter(self.network.layers.values()))
        shape = self.network.inputs
        if isinstance(first, Convolution):
            channels, height, width = shape
            stage = Stage(height, width, channels, channels, first.kernel // 2)
        else:
            columns = math.prod(shape) * self.powers
            stage = Stage(1, 1, pad(columns), columns, 0)
        return replace(stage, value=self.per_row(stage.size))

    def _widest(self) -> int:
        shapes = [self.network.inputs, *self.network.shapes().values()]
        kernel = max((getattr(one, "kernel", 1) for one in self.network.layers.values()), default=1)
        border = 2 * (kernel // 2)
        return max(_padded_size(shape, border) for shape in shapes)


def pad(size: int) -> int:
    """The next multiple of 16."""
    return -(-size // LANES) * LANES


def _padded_size(shape: Shape, border: int) -> int:
    channels, *pixels = shape
    return pad(channels) * math.prod(side + border for side in pixels)
