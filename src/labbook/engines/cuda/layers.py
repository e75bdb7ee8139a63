"""Layers of many networks at once: to add a kind of layer or an activation, name it here.

Tensors have the members of a pack in front: x is (members, rows, columns) or (members, rows,
channels, height, width). Nothing is ever summed over members.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from labbook.models import Network, layers
from labbook.models.layers import EPSILON, MOMENTUM

Weights = Mapping[str, Tensor]
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "silu": functional.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": functional.gelu,
    "elu": functional.elu,
}

POOLINGS: dict[str, Callable[[Tensor], Tensor]] = {
    "max": lambda x: functional.max_pool2d(x, 2),
    "average": lambda x: functional.avg_pool2d(x, 2),
}


def forward(network: Network, weights: Weights, x: Tensor, masks: Weights | None) -> Tensor:
    """Outputs (members, rows, outputs) of x; `masks` by layer in training, None in evaluation.

    In training, batch norm's running statistics, which are among the weights, move.
    """
    for name, layer in network.layers.items():
        x = FORWARD[type(layer)](name, layer, weights, x, masks)
    return x


def _linear(
    name: str, layer: layers.Linear, weights: Weights, x: Tensor, masks: Weights | None
) -> Tensor:
    weight = weights[f"{name}.weight"]  # (members, outputs, inputs)
    if layer.inputs == 1 or layer.outputs == 1:
        # Products with a side of 1 take another way, whose bits depend on the number of members.
        found = (x[:, :, None, :] * weight[:, None, :, :]).sum(3)
    else:
        found = torch.bmm(x, weight.transpose(1, 2))
    return found + weights[f"{name}.bias"][:, None, :] if layer.bias else found


def _convolution(
    name: str, layer: layers.Convolution, weights: Weights, x: Tensor, masks: Weights | None
) -> Tensor:
    """As a product with the windows of all pixels: convolutions in groups have other bits."""
    members, rows, channels, height, width = x.shape
    windows = functional.unfold(
        x.reshape(members * rows, channels, height, width), layer.kernel, padding=layer.kernel // 2
    )  # (members * rows, channels * kernel * kernel, pixels)
    windows = windows.reshape(members, rows, -1, height * width).transpose(1, 2)
    windows = windows.reshape(members, windows.shape[1], -1)  # (members, windows, rows * pixels)
    found = torch.bmm(weights[f"{name}.weight"].flatten(2), windows)
    found = found.reshape(members, layer.outputs, rows, height, width).transpose(1, 2)
    return found + weights[f"{name}.bias"][:, None, :, None, None] if layer.bias else found


def _norm(
    name: str, layer: layers.BatchNorm, weights: Weights, x: Tensor, masks: Weights | None
) -> Tensor:
    over = [1, *range(3, x.ndim)]  # all but members and channels
    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]

    def spread(values: Tensor) -> Tensor:
        return values.reshape(values.shape[0], 1, -1, *(1,) * (x.ndim - 3))

    if masks is not None:
        count = x.numel() // (x.shape[0] * layer.size)
        running_mean, running_variance = mean, variance
        mean = x.mean(over)
        variance = (x - spread(mean)).square().mean(over)
        with torch.no_grad():
            running_mean += MOMENTUM * (mean - running_mean)
            if count > 1:
                unbiased = variance * (count / (count - 1))
                running_variance += MOMENTUM * (unbiased - running_variance)
    scale = weights[f"{name}.weight"] / torch.sqrt(variance + EPSILON)
    return (x - spread(mean)) * spread(scale) + spread(weights[f"{name}.bias"])


def _activation(
    name: str, layer: layers.Activation, weights: Weights, x: Tensor, masks: Weights | None
) -> Tensor:
    return ACTIVATIONS[layer.function](x)


def _dropout(
    name: str, layer: layers.Dropout, weights: Weights, x: Tensor, masks: Weights | None
) -> Tensor:
    return x if masks is None else x * masks[name]


def _pooling(
    name: str, layer: layers.Pooling, weights: Weights, x: Tensor, masks: Weights | None
) -> Tensor:
    found = POOLINGS[layer.kind](x.flatten(0, 1))
    return found.reshape(*x.shape[:2], *found.shape[1:])


def _powers(
    name: str, layer: layers.Powers, weights: Weights, x: Tensor, masks: Weights | None
) -> Tensor:
    powers = [x]
    for _ in range(1, layer.degree):
        powers.append(powers[-1] * x)
    return torch.cat(powers, dim=2)


FORWARD: dict[type, Callable[[str, Any, Weights, Tensor, Weights | None], Tensor]] = {
    layers.Linear: _linear,
    layers.Convolution: _convolution,
    layers.BatchNorm: _norm,
    layers.Activation: _activation,
    layers.Dropout: _dropout,
    layers.Pooling: _pooling,
    layers.Flatten: lambda name, layer, weights, x, masks: x.flatten(2),
    layers.Powers: _powers,
}
