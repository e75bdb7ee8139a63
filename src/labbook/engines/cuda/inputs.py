"""What the runs of a stack draw for an epoch: made row by row on the CPU, sent in one copy each.

Drawing takes the CPU about as long as the steps take a GPU, often longer: so threads draw for the
next epoch meanwhile. NumPy's generators let go of Python's lock while they draw.
"""

import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch

from labbook.engines.cuda.draws import dropout_units, kept_units, order
from labbook.engines.cuda.group import Group

MOST_THREADS = 8  # the rest of the cores is for other processes
SHARE = 16  # places that a thread draws for before it takes the next ones

Epoch = tuple[int, int]  # the seed of a run, and which of its epochs (1, 2, ...)


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
        for place, (seed, epoch) in epochs.items():
            if self.shuffled:
                self._order[place] = order(seed, epoch, group.rows, group.batch)
            kept = kept_units(group.network, seed, epoch, group.rows, group.batch)
            for name, mask in kept.items():
                self._kept[name][place] = mask
