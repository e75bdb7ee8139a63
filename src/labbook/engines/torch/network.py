"""PyTorch modules from descriptions: to add a kind of layer or an activation, name it here."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from labbook.models import Network, layers
from labbook.models.initialisation import initial_weights
from labbook.models.layers import EPSILON, MOMENTUM
from labbook.streams import stream

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,  # max(0, x)
    "leaky_relu": nn.LeakyReLU,  # x, or 0.01 x below 0
    "silu": nn.SiLU,  # x sigmoid(x)
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,  # x Phi(x), Phi the normal distribution function
    "elu": nn.ELU,  # x, or exp(x) - 1 below 0
}


class MaxPooling(nn.Module):
    """The maximum of 2 x 2 pixels as models.layers.Pooling has it."""

    def forward(self, x: Tensor) -> Tensor:
        """From (rows, channels, height, width) to half the height and width, rounded down."""
        return maximum_of_views(x) if x.is_cuda else functional.max_pool2d(x, 2)


def maximum_of_views(x: Tensor) -> Tensor:
    """As max_pool2d(x, 2), from four views of every other pixel.

    The gradient of torch's own adds up in any order on a GPU (pytorch issue 85425). The order of
    the comparisons is kept: row by row, the first of equals, NaN above all.
    """
    height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    first, *others = (x[..., i:height:2, j:width:2] for i in (0, 1) for j in (0, 1))
    for other in others:
        first = torch.where((other > first) | other.isnan(), other, first)
    return first


class BatchNorm(nn.Module):
    """Batch norm as models.layers.BatchNorm has it, for tables and images.

    As torch.nn.BatchNorm1d and 2d, but torch raises an error for a batch with a single value per
    channel (one row, as the last batch of an epoch may have).
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
        if self.training and x.numel() == x.shape[1]:
            return self._of_one(x)
        return torch.batch_norm(
            x, self.weight, self.bias, self.running_mean, self.running_var,
            self.training, MOMENTUM, EPSILON, torch.backends.cudnn.enabled,
        )  # fmt: skip

    def _of_one(self, x: Tensor) -> Tensor:
        """A single value per channel, which is its own mean: the bias comes out.

        Exactly, and with gradients of 0: torch.batch_norm leaves rounding times 316, 1 over the
        root of EPSILON, and Adam makes whole steps of gradients however small.
        """
        with torch.no_grad():
            self.running_mean.mul_(1 - MOMENTUM).add_(x.flatten(), alpha=MOMENTUM)
        shape = (1, -1, *[1] * (x.ndim - 2))
        return (x - x) * self.weight.view(shape) + self.bias.view(shape)


class Dropout(nn.Module):
    """Dropout as models.layers.Dropout has it: masks are NumPy's draws, not torch's."""

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


def _convolution(layer: layers.Convolution) -> nn.Module:
    return nn.Conv2d(
        layer.channels, layer.outputs, layer.kernel, padding=layer.kernel // 2, bias=layer.bias
    )


MODULES: dict[type, Callable[[Any], nn.Module]] = {
    layers.Linear: lambda layer: nn.Linear(layer.inputs, layer.outputs, bias=layer.bias),
    layers.Convolution: _convolution,
    layers.BatchNorm: lambda layer: BatchNorm(layer.size),
    layers.Activation: lambda layer: ACTIVATIONS[layer.function](),
    layers.Dropout: lambda layer: Dropout(layer.rate),
    layers.Pooling: lambda layer: MaxPooling() if layer.kind == "max" else nn.AvgPool2d(2),
    layers.Flatten: lambda layer: nn.Flatten(),
    layers.Powers: lambda layer: Powers(layer.degree),
}


def build(network: Network, seed: int) -> nn.Module:
    """The module of a network on the CPU, its weights drawn from `seed`.

    It takes float32 (rows, *network.inputs) and gives (rows, outputs).
    """
    module = nn.Sequential(
        OrderedDict((name, MODULES[type(layer)](layer)) for name, layer in network.layers.items())
    )
    drawn = initial_weights(network, seed)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in drawn.items()})
    return module


def start_epoch(module: nn.Module, seed: int, epoch: int) -> None:
    """Give the dropout layers of `module` the stream of an epoch (1, 2, ...)."""
    dropouts = [layer for layer in module.modules() if isinstance(layer, Dropout)]
    if dropouts:
        generator = stream(seed, "dropout", epoch)
        for layer in dropouts:
            layer.generator = generator
