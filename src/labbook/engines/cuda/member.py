"""A run in a stack: what is kept of it outside the tensors."""

import math
from collections.abc import Mapping

import numpy as np

from labbook.training import schedules
from labbook.training.run import Run
from labbook.training.runfile import GRADIENT_NORM
from labbook.training.stopping import ended_by_budget, ended_early

CURVES = ("train_loss", "valid_loss", "rate")


class Member:
    """A run and its course so far. `saved` is its checkpoint, or None: it starts anew."""

    def __init__(self, run: Run, saved: Mapping[str, np.ndarray] | None = None) -> None:
        self.run = run
        self.curves: dict[str, list[float]] = {
            name: [] if saved is None else saved[name].tolist() for name in CURVES
        }
        layers = run.network.trained_layers() if run.recipe.training.gradient_norms else ()
        self.curves |= {
            name: [] if saved is None else saved[name].tolist()
            for name in (GRADIENT_NORM + layer for layer in layers)
        }
        self.best_epoch, self.best_loss = 0, math.inf
        self._rate_of = schedules.build(run.recipe.schedule, run.recipe.optimizer.rate)
        valid_loss = self.curves["valid_loss"]
        for epoch, (past, loss) in enumerate(
            zip([math.inf, *valid_loss], valid_loss, strict=False)
        ):
            self._rate_of(epoch, past)  # the schedule sees what it saw before
            self._is_better(loss, epoch + 1)

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.curves["rate"])

    def next_rate(self) -> float:
        """The learning rate of the epoch that comes next; to be asked once per epoch."""
        past = self.curves["valid_loss"]
        return self._rate_of(self.epoch, past[-1] if past else math.inf)

    def end_epoch(self, train_loss: float, valid_loss: float, rate: float, *norms: float) -> bool:
        """Note what an epoch gave; whether its validation loss is the best so far.

        `norms` are those of the gradients of all layers that have weights, where they are kept.
        """
        values = (train_loss, valid_loss, rate, *norms)
        for name, value in zip(self.curves, values, strict=True):
            self.curves[name].append(value)
        return self._is_better(valid_loss, self.epoch)

    def ended(self) -> str | None:
        """How the run has ended (see runfile.ENDINGS), or None if it goes on."""
        training, losses = self.run.recipe.training, self.curves
        if not self.epoch:
            return None
        early = ended_early(
            training,
            losses["train_loss"],
            losses["valid_loss"],
            self.best_epoch,
        )
        if early is None and self.epoch >= training.epochs:
            return ended_by_budget(losses["valid_loss"])
        return early

    def _is_better(self, loss: float, epoch: int) -> bool:
        if not loss < self.best_loss:
            return False
        self.best_loss, self.best_epoch = loss, epoch
        return True
