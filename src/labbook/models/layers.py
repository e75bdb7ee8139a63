"""Layers that torch has not, or not with bits that follow from a seed and an epoch alone."""

import numpy as np
import torch
from torch import Tensor, nn

from labbook.streams import stream

MOMENTUM = 0.1  # of batch norm's running statistics, as in torch
EPSILON = 1e-5


class BatchNorm(nn.Module):
    """Batch norm per column or channel (Ioffe and Szegedy 2015), for tables and images.

    As torch.nn.BatchNorm1d and 2d, with one difference: where a batch has a single value per
    channel (one row, as the last batch of an epoch may have), torch raises an error. Here that
    row is centred on itself, so its output is the bias; its mean joins the running mean and, as
    one value has no variance, the running variance stays.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))
        self.register_buffer("running_mean", torch.zeros(size))
        self.register_buffer("running_var", torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `x` (rows, size) or (rows, size, height, width)."""
        single = x.numel() == x.shape[1]
        variance = self.running_var.clone() if self.training and single else self.running_var
        return torch.batch_norm(
            x, self.weight, self.bias, self.running_mean, variance,
            self.training, MOMENTUM, EPSILON, torch.backends.cudnn.enabled,
        )  # fmt: skip


class Dropout(nn.Module):
    """Inverted dropout (Srivastava et al. 2014): training drops, evaluation does nothing.

    A unit stays with probability 1 - rate and is then divided by it, so the expected output is
    that of evaluation. Masks are float32 draws of NumPy's, row by row, kept where >= rate; the
    layers of a network share one generator and draw in the order of the forward pass.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.generator = stream(0, "dropout")

    def forward(self, x: Tensor) -> Tensor:
        """Drop units of `x` (rows, units)."""
        if not self.training:
            return x
        kept = self.generator.random(x.shape, dtype=np.float32) >= self.rate
        scale = kept.astype(np.float32) / np.float32(1 - self.rate)
        return x * torch.from_numpy(scale).to(x.device)


def start_epoch(model: nn.Module, seed: int, epoch: int) -> None:
    """Give the dropout layers of `model` the stream of an epoch (1, 2, ...)."""
    layers = [module for module in model.modules() if isinstance(module, Dropout)]
    if layers:
        generator = stream(seed, "dropout", epoch)
        for layer in layers:
            layer.generator = generator


class Powers(nn.Module):
    """The powers 1 to degree of each column: x, then x^2, and so on."""

    def __init__(self, degree: int) -> None:
        super().__init__()
        self.degree = degree

    def forward(self, x: Tensor) -> Tensor:
        """From `x` (rows, columns) to (rows, degree * columns)."""
        powers = [x]
        for _ in range(1, self.degree):
            powers.append(powers[-1] * x)
        return torch.cat(powers, dim=1)
