"""The course of a run, epoch by epoch: its learning rates, its curves, its best epoch, its end."""

import math
from collections.abc import Mapping

import numpy as np

from labbook.training import schedules
from labbook.training.run import Run
from labbook.training.runfile import GRADIENT_NORM
from labbook.training.stopping import ended_by_budget, ended_early


class Course:
    """What engines in Python keep of `run` beside its weights.

    `curves` has a number for each epoch done: train_loss, valid_loss, rate, and with
    `training.gradient_norms` gradient_norm/<layer>. `best_epoch` is that of the lowest validation
    loss, 0 where there is none yet. It goes on from `saved`, the arrays of a checkpoint.
    """

    def __init__(self, run: Run, saved: Mapping[str, np.ndarray] | None = None) -> None:
        self.run = run
        names = ["train_loss", "valid_loss", "rate"]
        if run.recipe.training.gradient_norms:
            names += [GRADIENT_NORM + layer for layer in run.network.trained_layers()]
        self.curves: dict[str, list[float]] = {
            name: [] if saved is None else saved[name].tolist() for name in names
        }
        self.best_epoch, self.best_loss = 0, math.inf
        self._rate_of = schedules.build(run.recipe.schedule, run.recipe.optimizer.rate)
        past = math.inf
        for epoch, loss in enumerate(self.curves["valid_loss"]):
            self._rate_of(epoch, past)  # the schedule sees what it saw before
            self._is_better(loss, epoch + 1)
            past = loss

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.curves["rate"])

    def next_rate(self) -> float:
        """The learning rate of the epoch that comes next; to be asked once per epoch."""
        past = self.curves["valid_loss"]
        return self._rate_of(self.epoch, past[-1] if past else math.inf)

    def end_epoch(self, train_loss: float, valid_loss: float, rate: float, *norms: float) -> bool:
        """Note what an epoch gave; whether its validation loss is the lowest so far.

        `norms` are those of the gradients of all layers that have weights, where they are kept.
        """
        values = (train_loss, valid_loss, rate, *norms)
        for curve, value in zip(self.curves.values(), values, strict=True):
            curve.append(value)
        return self._is_better(valid_loss, self.epoch)

    def ended(self) -> str | None:
        """How the run has ended (see runfile.ENDINGS), or None if it goes on."""
        if not self.epoch:
            return None
        training, valid_losses = self.run.recipe.training, self.curves["valid_loss"]
        early = ended_early(training, self.curves["train_loss"], valid_losses, self.best_epoch)
        if early is None and self.epoch >= training.epochs:
            return ended_by_budget(valid_losses)
        return early

    def arrays(self, kind: type = np.float64) -> dict[str, np.ndarray]:
        """The curves as arrays (epochs,) by name: float64 for a checkpoint, float32 for a file."""
        return {name: np.array(values, kind) for name, values in self.curves.items()}

    def _is_better(self, loss: float, epoch: int) -> bool:
        if not loss < self.best_loss:
            return False
        self.best_loss, self.best_epoch = loss, epoch
        return True
