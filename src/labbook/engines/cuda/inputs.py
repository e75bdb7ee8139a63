"""What the runs of a stack draw for an epoch: made row by row on the CPU, sent in one copy each.

All is drawn from the streams of a run's seed: see models/layers.py.
Drawing takes the CPU about as long as the steps take a GPU, often longer: so threads draw for the
next epoch meanwhile. NumPy's generators let go of Python's lock while they draw.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from labbook.engines.cuda.group import Group
from labbook.models.layers import Dropout, Network
from labbook.streams import stream
from labbook.training.run import Run

MOST_THREADS = 8  # the rest of the cores is for other processes
SHARE = 16  # places that a thread draws for before it takes the next ones


@dataclass(frozen=True)
class Epoch:
    """Which of a run's epochs (1, 2, ...), and the seeds that its draws follow from."""

    number: int
    order_seed: int
    dropout_seed: int

    @classmethod
    def of(cls, run: Run, number: int) -> "Epoch":
        """Epoch `number` of `run`."""
        return cls(number, run.seed_of("batch order"), run.seed_of("dropout"))


def dropout_units(network: Network) -> dict[str, int]:
    """How many units each dropout layer sees, by its name, in the order of the forward pass."""
    shapes = network.shapes()
    return {n: shapes[n][0] for n, layer in network.layers.items() if isinstance(layer, Dropout)}


def batches(rows: int, batch: int) -> Iterator[slice]:
    """The places of each batch in the order of an epoch; the last one is what is left over."""
    for start in range(0, rows, batch):
        yield slice(start, min(start + batch, rows))


def order(seed: int, epoch: int, rows: int, batch: int) -> np.ndarray:
    """The rows in the order of epoch 1, 2, ...: int64 (rows,); a full batch keeps their own."""
    if batch >= rows:
        return np.arange(rows)
    return stream(seed, "batch order", epoch).permutation(rows)


def kept_units(
    network: Network, seed: int, epoch: int, rows: int, batch: int
) -> dict[str, np.ndarray]:
    """Which units stay, by dropout layer, bool (rows, units), rows in the order of the epoch."""
    units = dropout_units(network)
    rates = {n: layer.rate for n, layer in network.layers.items() if isinstance(layer, Dropout)}
    kept = {name: np.empty((rows, number), np.bool_) for name, number in units.items()}
    generator = stream(seed, "dropout", epoch)
    for rows_of_batch in batches(rows, batch) if units else ():
        shape = rows_of_batch.stop - rows_of_batch.start
        for name, number in units.items():
            drawn = generator.random((shape, number), dtype=np.float32)
            kept[name][rows_of_batch] = drawn >= rates[name]
    return kept


class Inputs:
    """`order`: rows in the order of the epoch, int64 (places, rows).

    `kept`: which units stay, by dropout layer, bool (places, rows, units).
    """

    def __init__(self, group: Group, places: int, device: torch.device) -> None:
        self.group = group
        self.shuffled = group.batch < group.rows  # else the order is always the rows' own
        shapes = {name: (places, group.rows, n) for name, n in dropout_units(group.network).items()}
        self._order = np.tile(np.arange(group.rows), (places, 1))
        self._kept = {name: np.ones(shape, np.bool_) for name, shape in shapes.items()}
        self.order = torch.tensor(self._order, device=device)
        self.kept = {name: torch.tensor(mask, device=device) for name, mask in self._kept.items()}
        cores = len(os.sched_getaffinity(0)) if device.type == "cuda" else 1
        self._threads = ThreadPoolExecutor(min(MOST_THREADS, cores))
        self._ahead: dict[int, tuple[Epoch, Future[None]]] = {}

    def draw(self, place: int, epoch: Epoch) -> None:
        """Have `epoch` of the run at `place` drawn, now or ahead."""
        if place in self._ahead:
            drawn, drawing = self._ahead.pop(place)
            drawing.result()
            if drawn == epoch:
                return
        self._draw({place: epoch})

    def draw_ahead(self, epochs: Mapping[int, Epoch]) -> None:
        """Begin to draw, by place, what `draw` will probably be asked for; only after `send`."""
        if not (self.shuffled or self._kept):
            return
        items = list(epochs.items())
        for start in range(0, len(items), SHARE):
            share = dict(items[start : start + SHARE])
            drawing = self._threads.submit(self._draw, share)
            self._ahead |= {place: (epoch, drawing) for place, epoch in share.items()}

    def send(self) -> None:
        """What was drawn goes to the device; the tensors stay where they are."""
        if self.shuffled:
            self.order.copy_(torch.from_numpy(self._order))
        for name, mask in self._kept.items():
            self.kept[name].copy_(torch.from_numpy(mask))

    def close(self) -> None:
        """Draw no more than what is being drawn."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _draw(self, epochs: Mapping[int, Epoch]) -> None:
        group = self.group
        for place, epoch in epochs.items():
            number = epoch.number
            if self.shuffled:
                self._order[place] = order(epoch.order_seed, number, group.rows, group.batch)
            kept = kept_units(group.network, epoch.dropout_seed, number, group.rows, group.batch)
            for name, mask in kept.items():
                self._kept[name][place] = mask
