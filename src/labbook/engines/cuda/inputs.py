"""What the runs of a pack draw for an epoch: made row by row on the CPU, sent in one copy each."""

import numpy as np
import torch

from labbook.engines.cuda.draws import dropout_units, kept_units, order
from labbook.engines.cuda.group import Group


class Inputs:
    """`order`: rows in the order of the epoch, int64 (places, rows).

    `kept`: which units stay, by dropout layer, bool (places, rows, units).
    """

    def __init__(self, group: Group, places: int, device: torch.device) -> None:
        self.group = group
        shapes = {name: (places, group.rows, n) for name, n in dropout_units(group.network).items()}
        self._order = np.tile(np.arange(group.rows), (places, 1))
        self._kept = {name: np.ones(shape, np.bool_) for name, shape in shapes.items()}
        self.order = torch.tensor(self._order, device=device)
        self.kept = {name: torch.tensor(mask, device=device) for name, mask in self._kept.items()}

    def draw(self, place: int, seed: int, epoch: int) -> None:
        """Draw for epoch 1, 2, ... of the run at `place`."""
        group = self.group
        self._order[place] = order(seed, epoch, group.rows, group.batch)
        kept = kept_units(group.network, seed, epoch, group.rows, group.batch)
        for name, mask in kept.items():
            self._kept[name][place] = mask

    def send(self) -> None:
        """What was drawn goes to the device; the tensors stay where they are."""
        if self.group.batch < self.group.rows:  # else the order is always the rows' own
            self.order.copy_(torch.from_numpy(self._order))
        for name, mask in self._kept.items():
            self.kept[name].copy_(torch.from_numpy(mask))
