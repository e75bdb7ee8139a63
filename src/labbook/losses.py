"""Losses by name, and what a model's outputs mean for a task."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from labbook.errors import LabbookError


def _mse(outputs: Tensor, target: Tensor) -> Tensor:
    """Mean of squared errors. `outputs` (rows, 1), `target` (rows,)."""
    return functional.mse_loss(outputs.squeeze(1), target)


def _cross_entropy(outputs: Tensor, target: Tensor) -> Tensor:
    """Mean of -log softmax at the true class. `outputs` (rows, classes), `target` (rows,) int64."""
    return functional.cross_entropy(outputs, target)


Loss = Callable[[Tensor, Tensor], Tensor]
LOSSES: dict[str, tuple[str, Loss]] = {  # name -> (the task that it is for, the function)
    "mse": ("regression", _mse),
    "cross_entropy": ("classification", _cross_entropy),
}
DEFAULT = {"regression": "mse", "classification": "cross_entropy"}


def build(name: str | None, task: str) -> Loss:
    """The loss `name`, or that of the task. Raises `LabbookError` where the two do not fit."""
    chosen = name or DEFAULT[task]
    meant_for, loss = LOSSES[chosen]
    if meant_for != task:
        raise LabbookError(
            f"training.loss: {chosen} is for {meant_for}, the data set's task is {task}; "
            f"write {DEFAULT[task]} or leave the loss out."
        )
    return loss


def predictions(outputs: Tensor, task: str) -> Tensor:
    """What a model says: (rows,) for regression, (rows, classes) log-probabilities for classes."""
    return outputs.squeeze(1) if task == "regression" else torch.log_softmax(outputs, dim=1)
