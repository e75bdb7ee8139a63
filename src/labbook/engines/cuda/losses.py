"""Losses by name: one number per run, the mean over the rows of its batch."""

from collections.abc import Callable

import torch
from torch import Tensor

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


LOSSES: dict[str, Loss] = {"mse": _mse, "cross_entropy": _cross_entropy}
