"""Losses by name: one number per run, the mean over the rows of its batch."""

from collections.abc import Callable

import torch
from torch import Tensor

from labbook.errors import LabbookError

Loss = Callable[[Tensor, Tensor], Tensor]


def _mse(outputs: Tensor, target: Tensor) -> Tensor:
    """Mean of squared errors. `outputs` (runs, batch, 1), `target` (runs, batch)."""
    return (outputs.squeeze(2) - target).square().mean(dim=1)


def _cross_entropy(outputs: Tensor, target: Tensor) -> Tensor:
    """Mean of -log softmax at the true class. `outputs` (runs, batch, classes), `target` int64.

    The true class is picked by a comparison, not by `gather`, whose gradient adds up in any order
    on a GPU.
    """
    classes = torch.arange(outputs.shape[2], device=outputs.device)
    true = target.unsqueeze(2) == classes  # (runs, batch, classes)
    log_p = torch.log_softmax(outputs, dim=2)
    return -torch.where(true, log_p, 0.0).sum(dim=2).mean(dim=1)


LOSSES: dict[str, tuple[str, Loss]] = {  # name -> (the task that it is for, the function)
    "mse": ("regression", _mse),
    "cross_entropy": ("classification", _cross_entropy),
}
DEFAULT = {"regression": "mse", "classification": "cross_entropy"}


def build(name: str | None, task: str) -> Loss:
    """The loss `name`, or that of the task. Raises `LabbookError` where the two do not fit."""
    meant_for, loss = LOSSES[name or DEFAULT[task]]
    if meant_for != task:
        raise LabbookError(
            f"training.loss: {name} is for {meant_for}, the data set's task is {task}; "
            f"write {DEFAULT[task]} or leave the loss out."
        )
    return loss
