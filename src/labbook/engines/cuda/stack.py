"""A stack: the tensors of a fixed number of places for runs, and the steps over all of them."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor

from labbook.engines.cuda import optimizers
from labbook.engines.cuda.graph import captured
from labbook.engines.cuda.group import Group
from labbook.engines.cuda.inputs import Inputs, batches
from labbook.engines.cuda.layers import Values, forward
from labbook.engines.cuda.losses import LOSSES
from labbook.engines.cuda.memory import evaluation_rows, places
from labbook.engines.cuda.rows import Rows
from labbook.engines.cuda.state import State
from labbook.engines.optimizers import OPTIMIZERS
from labbook.models.initialisation import initial_weights
from labbook.params.settings import SETTINGS_OF
from labbook.training.run import Run

IDLE = 0.5  # every setting of an empty place: nothing there becomes infinite, and rate 0 rests


class Stack:
    """Runs of `group` at places; one that ends leaves its place to the next.

    All tensors stay where they are, so that CUDA graphs can be replayed: whatever changes from
    step to step (place in the order, step number, rate) is itself in a tensor.
    """

    def __init__(self, group: Group, data: Rows, device: torch.device) -> None:
        self.group, self.data, self.device = group, data, device
        self.places = count = places(group, device)
        self.loss_of = LOSSES[group.loss]
        memories = OPTIMIZERS[group.optimizer].memories
        self.state = State(group.network, memories, count, device)
        self.leaves = self.state.leaves()
        self.buffers = self.state.buffers.views(self.state.running)
        names = ("clip", *SETTINGS_OF["optimizer"][group.optimizer])
        columns = torch.full((len(names), count, 1), IDLE, dtype=torch.float64, device=device)
        self.settings = dict(zip(names, columns, strict=True))  # each (places, 1)
        self.step_number = torch.zeros(count, 1, dtype=torch.float64, device=device)
        self.split = torch.zeros(count, 1, dtype=torch.int64, device=device)
        self.inputs = Inputs(group, count, device)
        self.position = torch.zeros(1, dtype=torch.int64, device=device)  # in the order
        self.train_loss, self.valid_loss = torch.zeros(2, count, device=device)
        self.layers = self.state.weights.by_layer() if group.gradient_norms else []
        self.norms = torch.zeros(len(self.layers), count, device=device)  # summed over steps
        self.steps = self._steps()
        self.clear(slice(None))  # what the warm-up of the graphs has left

    def put(self, place: int, run: Run, epoch: int, saved: Mapping[str, np.ndarray] | None) -> None:
        """`run` takes `place`, with `epoch` epochs done, from its checkpoint or from the start."""
        if saved is None:
            self.state.start(
                place, initial_weights(self.group.network, run.seed_of("initialisation"))
            )
        else:
            self.state.resume(place, saved)
        for name, column in self.settings.items():
            of_training = name == "clip"
            value = getattr(run.recipe.training if of_training else run.recipe.optimizer, name)
            column[place] = IDLE if value is None else value
        self.step_number[place] = epoch * self.steps_of_an_epoch
        self.split[place] = self.data.number(run)

    def clear(self, place: int | slice) -> None:
        """Nobody is at `place`: its numbers stay finite and change nothing."""
        self.state.clear(place)
        for column in self.settings.values():
            column[place] = IDLE
        self.settings["rate"][place] = 0
        self.step_number[place] = 0
        self.split[place] = 0

    def close(self) -> None:
        """Training ends here: the steps hold the stack, and it them, but its memory is needed."""
        self.steps.clear()
        self.inputs.close()

    def start_epoch(self, rates: Mapping[int, float]) -> None:
        """Send what the inputs have drawn, and the learning rates by place."""
        self.inputs.send()
        column = [[rates.get(place, 0.0)] for place in range(self.places)]
        self.settings["rate"].copy_(torch.tensor(column, dtype=torch.float64))

    def losses(self) -> tuple[list[float], list[float]]:
        """Training and validation loss of the epoch that all steps have made, by place."""
        both: list[list[float]] = torch.stack([self.train_loss, self.valid_loss]).cpu().tolist()
        return both[0], both[1]

    def gradient_norms(self) -> list[list[float]]:
        """Of each layer whose norms are kept, their means over the steps of an epoch, by place."""
        if not self.layers:
            return []
        means: list[list[float]] = (self.norms / self.steps_of_an_epoch).cpu().tolist()
        return means

    @property
    def steps_of_an_epoch(self) -> int:
        """How often the weights move in an epoch."""
        return len(list(batches(self.group.rows, self.group.batch)))

    def _steps(self) -> list[Callable[[], None]]:
        """An epoch: steps of training, then of validation, each kind of batch captured once."""
        group = self.group
        parts = (
            (group.rows, group.batch, self._train_step),
            (group.valid_rows, evaluation_rows(group), self._valid_step),
        )
        # A graph's memory holds nothing between two replays, and one is replayed at a time: so all
        # of them need as much as the largest, not as all together.
        memory = torch.cuda.graph_pool_handle() if self.device.type == "cuda" else None
        steps = [self._reset_losses]
        for rows, batch, kind in parts:
            sizes = [rows_of.stop - rows_of.start for rows_of in batches(rows, batch)]
            made = {
                size: captured(partial(kind, size), self._rewind, self.device, memory)
                for size in dict.fromkeys(sizes)
            }
            steps += [self._rewind, *(made[size] for size in sizes)]
        return steps

    def _rewind(self) -> None:
        self.position.zero_()

    def _reset_losses(self) -> None:
        self.train_loss.zero_()
        self.valid_loss.zero_()
        self.norms.zero_()

    def _next(self, size: int) -> Tensor:
        """Which rows come next, (size,)."""
        picked = self.position + torch.arange(size, device=self.device)
        self.position += size
        return picked

    def _train_step(self, size: int) -> None:
        """One step with `size` rows: loss, gradients, weights."""
        picked = self._next(size)
        chosen = self.inputs.order.index_select(1, picked)  # (places, size)
        x, y = (tensor[self.split, chosen] for tensor in self.data.train)
        kept = {name: mask.index_select(1, picked) for name, mask in self.inputs.kept.items()}
        outputs = forward(self.group.network, Values(self.leaves | self.buffers, True, kept), x)
        loss = self.loss_of(outputs, y)  # (places,)
        # Ones, not a sum of the losses: a run that has diverged must not meet the others.
        gradients = torch.autograd.grad(loss, list(self.leaves.values()), torch.ones_like(loss))
        with torch.no_grad():
            self._move_weights(torch.cat([g.flatten(1) for g in gradients], dim=1))
            self.train_loss += loss * (size / self.group.rows)

    def _move_weights(self, gradient: Tensor) -> None:
        """An optimiser step with `gradient` (places, numbers)."""
        padding = self.state.weights.width - gradient.shape[1]
        gradient = torch.nn.functional.pad(gradient, (0, padding))
        for sums, numbers in zip(self.norms, self.layers, strict=True):
            sums += torch.linalg.vector_norm(gradient[:, numbers], dim=1)
        if self.group.clipped:
            gradient = optimizers.clip(gradient, self.settings["clip"])
        self.step_number += 1
        optimizers.move(
            self.group.optimizer, list(self.state.moving), gradient, self.settings, self.step_number
        )

    @torch.no_grad()
    def _valid_step(self, size: int) -> None:
        """Add the share of the next `size` rows to the validation loss."""
        picked = self._next(size)
        x, y = (tensor[self.split, picked] for tensor in self.data.valid)
        outputs = forward(self.group.network, Values(self.leaves | self.buffers), x)
        self.valid_loss += self.loss_of(outputs, y) * (size / self.group.valid_rows)
