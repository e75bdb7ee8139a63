"""From a network to the operations of the machine code; how many rows go through it together."""

import numpy as np

from labbook.engines.compiled.layers import LAYERS
from labbook.engines.compiled.layout import LANES, Layout, PerRow
from labbook.engines.compiled.operations import KINDS, OPERATION
from labbook.models import Network

CACHE = 2**17  # floats of the rows that go through the network together: they stay in the cache
TIMES_WEIGHTS = 4  # but so many rows that reading all weights for them costs little
MOST_ROWS = 256
MOST_WORK = 2**31  # multiplications in a block: a third of a second at most, there and back


class Program(Layout):
    """The operations of a network and the sizes of what they work on; `batch`: rows of a step."""

    def __init__(self, network: Network, batch: int) -> None:
        super().__init__(network)
        self.batch = batch
        for name, layer in network.layers.items():
            LAYERS[type(layer)](self, name, layer)
        self.output = self.stage

    @property
    def block(self) -> int:
        """Rows that go through the network together.

        It changes no bits: sums go on from block to block in the order of the rows. With batch
        norm it is the whole batch, of which the means are needed.
        """
        floats = max(CACHE, TIMES_WEIGHTS * self.weights)
        fits = max(1, min(floats // self.row, MOST_ROWS, MOST_WORK // max(1, self.multiplications)))
        norm = any(operation["kind"] == KINDS.index("norm") for operation in self.operations)
        return max(fits, self.batch) if norm else fits

    @property
    def multiplications(self) -> int:
        """Of one row on the way forward."""
        return sum(
            one["height"] * one["width"] * one["channels"] * one["target_channels"]
            * one.get("kernel", 1) ** 2
            for one in self.operations
            if one["kind"] in (KINDS.index("linear"), KINDS.index("convolution"))
        )  # fmt: skip

    def place(self, offset: PerRow) -> int:
        """An offset per row as one in the workspace, -1 where there is nothing."""
        return self.workspace + self.block * offset.offset if offset.offset >= 0 else -1

    def table(self) -> np.ndarray:
        """The operations as records, their offsets in floats."""
        table = np.zeros(len(self.operations), OPERATION)
        for record, operation in zip(table, self.operations, strict=True):
            for name, value in operation.items():
                record[name] = self.place(value) if isinstance(value, PerRow) else value
        return table

    def workspace_size(self) -> int:
        """Floats of the workspace: what lies beside the rows, the rows, the targets."""
        return self.workspace + self.block * (self.row + 1) + LANES

    def bytes(self, rows: int, valid_rows: int, epochs: int) -> int:
        """Memory that a run of this program takes, data and all."""
        data = (rows + valid_rows) * (self.input_size + 1) + rows
        floats = self.workspace_size() + 5 * self.weights + 2 * self.statistics + data
        return 4 * floats + 8 * (self.sums + 3 * epochs)

    @property
    def input_size(self) -> int:
        """Floats of a row of the data."""
        return self.input.height * self.input.width * self.input.channels
