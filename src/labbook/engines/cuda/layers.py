"""What each layer does to the batches of many runs at once; no number of one run meets another's.

Tensors are (runs, batch, features) or (runs, batch, channels, height, width).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from labbook.engines.cuda.products import product
from labbook.models.layers import (
    EPSILON,
    MOMENTUM,
    Activation,
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    Layer,
    Linear,
    Network,
    Pooling,
    Powers,
)

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,  # max(0, x)
    "leaky_relu": functional.leaky_relu,  # x, or 0.01 x below 0
    "silu": functional.silu,  # x sigmoid(x)
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": functional.gelu,  # x Phi(x), Phi the normal distribution function
    "elu": functional.elu,  # x, or exp(x) - 1 below 0
}


@dataclass(frozen=True)
class Values:
    """What the layers of a network compute with.

    `arrays`: weights and running statistics by name, (runs, *shape). `kept`: for each dropout
    layer which units stay, bool (runs, batch, units); needed in training alone.
    """

    arrays: Mapping[str, Tensor]
    training: bool = False
    kept: Mapping[str, Tensor] = field(default_factory=dict)


def forward(network: Network, values: Values, x: Tensor) -> Tensor:
    """From inputs (runs, batch, ...) to outputs (runs, batch, outputs).

    In training the running statistics in `values` are moved in place.
    """
    for name, layer in network.layers.items():
        x = FORWARD[type(layer)](layer, name, values, x)
    return x


def _linear(layer: Linear, name: str, values: Values, x: Tensor) -> Tensor:
    weight = values.arrays[f"{name}.weight"].transpose(1, 2)  # (runs, inputs, outputs)
    bias = values.arrays[f"{name}.bias"].unsqueeze(1) if layer.bias else None
    return product(x, weight, bias)


def _convolution(layer: Convolution, name: str, values: Values, x: Tensor) -> Tensor:
    """One matrix product per run; a grouped convolution's bits would depend on the groups."""
    runs, batch, _, height, width = x.shape
    patches = functional.unfold(x.flatten(0, 1), layer.kernel, padding=layer.kernel // 2)
    # (runs, batch, patch, pixels) -> (runs, patch, batch * pixels)
    patches = patches.view(runs, batch, *patches.shape[1:]).transpose(1, 2).flatten(2)
    weight = values.arrays[f"{name}.weight"].flatten(2)  # (runs, outputs, patch)
    bias = values.arrays[f"{name}.bias"].unsqueeze(2) if layer.bias else None
    y = product(weight, patches, bias)
    # (runs, outputs, batch * pixels) -> (runs, batch, outputs, height, width)
    return y.view(runs, layer.outputs, batch, height, width).transpose(1, 2)


def _batch_norm(layer: BatchNorm, name: str, values: Values, x: Tensor) -> Tensor:
    """Statistics per run and channel; see models.layers.BatchNorm."""
    weight, bias, running_mean, running_variance = (
        values.arrays[f"{name}.{key}"].reshape(len(x), 1, layer.size, *[1] * (x.ndim - 3))
        for key in ("weight", "bias", "running_mean", "running_var")
    )
    mean, variance = running_mean, running_variance
    if values.training:
        over = [1, *range(3, x.ndim)]  # rows and pixels
        mean = x.mean(over, keepdim=True)
        variance = (x - mean).square().mean(over, keepdim=True)
        # The running ones move in place; their variance has divisor count - 1.
        count = x[0].numel() // layer.size
        running_mean.mul_(1 - MOMENTUM).add_(mean.detach(), alpha=MOMENTUM)
        if count > 1:
            unbiased = variance.detach() * (count / (count - 1))
            running_variance.mul_(1 - MOMENTUM).add_(unbiased, alpha=MOMENTUM)
    return (x - mean) * (weight * torch.rsqrt(variance + EPSILON)) + bias


def _activation(layer: Activation, name: str, values: Values, x: Tensor) -> Tensor:
    return ACTIVATIONS[layer.function](x)


def _dropout(layer: Dropout, name: str, values: Values, x: Tensor) -> Tensor:
    """Masks come from outside: see inputs.py."""
    return x * (values.kept[name] / (1 - layer.rate)) if values.training else x


def _pooling(layer: Pooling, name: str, values: Values, x: Tensor) -> Tensor:
    """From four views of every other pixel: torch's max_pool2d has no deterministic gradient.

    Its order is kept: row by row, the first of equals, NaN above all.
    """
    height, width = x.shape[3] // 2 * 2, x.shape[4] // 2 * 2
    first, *others = (x[..., i:height:2, j:width:2] for i in (0, 1) for j in (0, 1))
    if layer.kind == "average":
        for other in others:
            first = first + other
        return first / 4
    for other in others:
        first = torch.where((other > first) | other.isnan(), other, first)
    return first


def _flatten(layer: Flatten, name: str, values: Values, x: Tensor) -> Tensor:
    return x.flatten(2)


def _powers(layer: Powers, name: str, values: Values, x: Tensor) -> Tensor:
    powers = [x]
    for _ in range(1, layer.degree):
        powers.append(powers[-1] * x)
    return torch.cat(powers, dim=2)


FORWARD: dict[type[Layer], Callable[[Any, str, Values, Tensor], Tensor]] = {
    Linear: _linear,
    Convolution: _convolution,
    BatchNorm: _batch_norm,
    Activation: _activation,
    Dropout: _dropout,
    Pooling: _pooling,
    Flatten: _flatten,
    Powers: _powers,
}
