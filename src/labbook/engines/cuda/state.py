"""What training changes, of all runs of a stack, and how one run's share comes and goes.

One row of numbers a run, all its arrays in order: so an optimiser step or a copy of all weights is
a handful of kernels, however many layers there are. Rows are filled up to a multiple of
`ALIGNMENT`: each run's numbers then lie alike in memory, and matrix products and sums over them
give the same bits for each.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from labbook.models import Network
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


class State:
    """Weights, what the optimiser remembers, running statistics, and the best so far.

    `moving` is (1 + memories, places, width): the weights, then the memories; `running` is
    (places, running width). Each has a copy as of the last finished epoch, which is what a
    checkpoint holds: so a long epoch may be left at any time.
    """

    def __init__(self, network: Network, memories: int, places: int, device: torch.device) -> None:
        self.weights, self.buffers = Layout(network.weights()), Layout(network.buffers())
        self.moving = torch.zeros(1 + memories, places, self.weights.width, device=device)
        self.running = torch.zeros(places, self.buffers.width, device=device)
        self.best = {
            "best": torch.zeros_like(self.moving[0]),
            "best_running": torch.zeros_like(self.running),
        }
        self.before = {"moving": self.moving.clone(), "running": self.running.clone()}

    def leaves(self) -> dict[str, Tensor]:
        """The weights by name, (places, *shape): views with gradients of their own."""
        views = self.weights.views(self.moving[0])
        return {name: view.detach().requires_grad_() for name, view in views.items()}

    def start(self, place: int, weights: Mapping[str, np.ndarray]) -> None:
        """Put a run before its first epoch at `place`; `weights` has the running statistics too."""
        row, buffers = self.weights.row(weights), self.buffers.row(weights)
        self.moving[:, place] = 0
        _write(self.moving[0, place], row)
        _write(self.running[place], buffers)
        _write(self.best["best"][place], row)
        _write(self.best["best_running"][place], buffers)

    def resume(self, place: int, saved: Mapping[str, np.ndarray]) -> None:
        """Put a run at `place` as `saved` gave it."""
        for number, row in enumerate(saved["moving"]):
            _write(self.moving[number, place], row)
        _write(self.running[place], saved["running"])
        for name, tensor in self.best.items():
            _write(tensor[place], saved[name])

    def clear(self, place: int | slice) -> None:
        """Nothing is left at `place`."""
        for tensor in (self.moving[:, place], self.running[place]):
            tensor.zero_()

    def remember(self) -> None:
        """Between two epochs, once all runs are at their places: what to save from now on."""
        self.before["moving"].copy_(self.moving)
        self.before["running"].copy_(self.running)

    def keep_best(self, better: np.ndarray) -> None:
        """The weights as they are become the best where `better`, bool (places,)."""
        mask = torch.from_numpy(better).to(self.moving.device).unsqueeze(1)  # (places, 1)
        now = (self.moving[0], self.running)
        for best, tensor in zip(self.best.values(), now, strict=True):
            torch.where(mask, tensor, best, out=best)

    def saved(self) -> list[dict[str, np.ndarray]]:
        """For each place, its state as of the last finished epoch, without the padding."""
        arrays = {name: tensor.cpu().numpy() for name, tensor in (self.before | self.best).items()}
        used = {"moving": self.weights.used, "best": self.weights.used}
        return [
            {
                name: array[..., place, : used.get(name, self.buffers.used)]
                for name, array in arrays.items()
            }
            for place in range(self.moving.shape[1])
        ]

    def best_weights(self, place: int) -> dict[str, np.ndarray]:
        """Weights and running statistics of the best epoch by name."""
        rows = [tensor[place].cpu().numpy() for tensor in self.best.values()]
        return self.weights.arrays(rows[0]) | self.buffers.arrays(rows[1])


def _write(target: Tensor, row: np.ndarray) -> None:
    """`row` may be shorter than `target` by the padding."""
    target[: len(row)] = torch.tensor(row)
