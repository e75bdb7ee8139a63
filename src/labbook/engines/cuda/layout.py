"""How the weights of a run lie in one row of numbers: one row a run, all arrays in order.

So an optimiser step or a copy of all weights is a handful of kernels, however many layers there
are. Rows are filled up to a multiple of `ALIGNMENT`: each run's numbers then lie alike in memory,
and matrix products and sums over them give the same bits for each.
"""

import math
from collections.abc import Mapping

import numpy as np
from torch import Tensor

from labbook.models.layers import Shape

ALIGNMENT = 32  # numbers: 128 bytes, a cache line of a GPU, two of a CPU


class Layout:
    """Where each array of `shapes` lies in a row of `width` numbers; the first `used` count."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = dict(shapes)
        self.used = sum(map(math.prod, self.shapes.values()))
        self.width = math.ceil(self.used / ALIGNMENT) * ALIGNMENT

    def views(self, rows: Tensor) -> dict[str, Tensor]:
        """The arrays in `rows` (runs, width), by name, each (runs, *shape), sharing the memory."""
        places = self._places()
        return {
            name: rows[:, places[name]].view(len(rows), *shape)
            for name, shape in self.shapes.items()
        }

    def row(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """One row (width,), float32, of the arrays by name."""
        row = np.zeros(self.width, np.float32)
        if self.shapes:
            row[: self.used] = np.concatenate([arrays[name].ravel() for name in self.shapes])
        return row

    def arrays(self, row: np.ndarray) -> dict[str, np.ndarray]:
        """Copies of the arrays in one row (width,), by name."""
        places = self._places()
        return {name: row[places[name]].reshape(s).copy() for name, s in self.shapes.items()}

    def by_layer(self) -> list[slice]:
        """For each layer that has arrays, its numbers in a row: they lie side by side."""
        layers: dict[str, slice] = {}
        for name, place in self._places().items():
            layer = name.rpartition(".")[0]
            layers[layer] = slice(layers.get(layer, place).start, place.stop)
        return list(layers.values())

    def _places(self) -> dict[str, slice]:
        places, start = {}, 0
        for name, shape in self.shapes.items():
            places[name] = slice(start, start + math.prod(shape))
            start += math.prod(shape)
        return places
