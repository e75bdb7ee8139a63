"""Learning rates by epoch: to add a schedule, write it here and its block in params/training.py.

A schedule is asked once per epoch, in order, with the validation loss of the epoch before. What it
remembers follows from those losses, so a resumed run shows it the losses again.
"""

import math
from collections.abc import Callable
from typing import Any

from labbook.params import training as params

THRESHOLD = 1e-4  # of plateau: a loss counts as fallen below best * (1 - THRESHOLD), as in torch

# From an epoch (0, 1, 2, ...) and the validation loss of the one before (infinite at first).
RateOf = Callable[[int, float], float]


def _constant(block: params.Constant, base: float) -> RateOf:
    return lambda epoch, loss: base


def _step(block: params.Step, base: float) -> RateOf:
    return lambda epoch, loss: base * block.factor ** (epoch // block.every)


def _cosine(block: params.Cosine, base: float) -> RateOf:
    """Equation 5 of Loshchilov and Hutter 2017, epoch by epoch."""

    def rate(epoch: int, loss: float) -> float:
        period = block.first
        if block.multiply == 1:
            epoch %= period
        while epoch >= period:
            epoch, period = epoch - period, period * block.multiply
        share = (1 + math.cos(math.pi * epoch / period)) / 2
        return block.minimum + (base - block.minimum) * share

    return rate


class Plateau:
    """As torch.optim.lr_scheduler.ReduceLROnPlateau with its default threshold, no cool-down."""

    def __init__(self, block: params.Plateau, base: float) -> None:
        self.block = block
        self.rate = base
        self.best = math.inf
        self.waited = 0

    def __call__(self, epoch: int, loss: float) -> float:
        """The rate of `epoch`, lower than before where the loss has not fallen for too long."""
        if epoch == 0:
            return self.rate
        if loss < self.best * (1 - THRESHOLD):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        if self.waited > self.block.patience:
            self.rate = min(self.rate, max(self.rate * self.block.factor, self.block.minimum))
            self.waited = 0
        return self.rate


BUILDERS: dict[str, Callable[[Any, float], RateOf]] = {
    "constant": _constant,
    "step": _step,
    "plateau": Plateau,
    "cosine": _cosine,
}


BY_LOSS = frozenset({"plateau"})  # the others follow from the epoch alone


def depends_on_loss(schedule: params.Schedule) -> bool:
    """Whether a rate depends on the losses before it, and so must be asked for epoch by epoch."""
    return schedule.kind in BY_LOSS


def build(schedule: params.Schedule, base: float) -> RateOf:
    """The schedule of a block of params.yaml, from the rate `base` at the start."""
    return BUILDERS[schedule.kind](schedule, base)
