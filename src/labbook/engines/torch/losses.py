"""Losses in PyTorch, by their names in labbook.models.losses."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional


def _mse(outputs: Tensor, target: Tensor) -> Tensor:
    """Mean of squared errors. `outputs` (rows, 1), `target` (rows,)."""
    return functional.mse_loss(outputs.squeeze(1), target)


def _cross_entropy(outputs: Tensor, target: Tensor) -> Tensor:
    """Mean of -log softmax at the true class. `outputs` (rows, classes), `target` (rows,) int64.

    Or `target` (rows, classes): the classes' shares, or class weights at the true class, by which
    the terms of all classes are weighed.
    """
    return functional.cross_entropy(outputs, target)


Loss = Callable[[Tensor, Tensor], Tensor]
LOSSES: dict[str, Loss] = {"mse": _mse, "cross_entropy": _cross_entropy}
