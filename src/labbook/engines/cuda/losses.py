"""Losses of many networks at once, by their names in labbook.losses: (members,)."""

from collections.abc import Callable

import torch
from torch import Tensor


def _mse(outputs: Tensor, target: Tensor) -> Tensor:
    """Means of squared errors. `outputs` (members, rows, 1), `target` (members, rows)."""
    return (outputs[:, :, 0] - target).square().mean(1)


def _cross_entropy(outputs: Tensor, target: Tensor) -> Tensor:
    """Means of -log softmax at the class. `outputs` (members, rows, classes), `target` int64."""
    return -torch.log_softmax(outputs, 2).gather(2, target[:, :, None])[:, :, 0].mean(1)


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": _mse,
    "cross_entropy": _cross_entropy,
}
