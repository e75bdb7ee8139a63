"""A network's outputs in plain NumPy, layer by layer: slow, and independent of all engines."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from labbook.models.layers import (
    EPSILON,
    Activation,
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    Linear,
    Network,
    Pooling,
    Powers,
)

Weights = Mapping[str, np.ndarray]


def forward(network: Network, weights: Weights, x: np.ndarray) -> np.ndarray:
    """Outputs (rows, outputs) of `x` (rows, *inputs) in evaluation mode, float64.

    Raises ValueError where names or shapes of `weights` are not those of the network.
    """
    shapes = network.weights() | network.buffers()
    if {name: array.shape for name, array in weights.items()} != shapes:
        raise ValueError("the weights are not those of the network")
    values = x.astype(np.float64)
    for name, layer in network.layers.items():
        own = {
            key.rpartition(".")[2]: weights[key] for key in weights if key.startswith(f"{name}.")
        }
        values = FORWARD[type(layer)](layer, own, values)
    return values


def _linear(layer: Linear, weights: Weights, x: np.ndarray) -> np.ndarray:
    return np.asarray(x @ weights["weight"].T + (weights["bias"] if layer.bias else 0))


def _convolution(layer: Convolution, weights: Weights, x: np.ndarray) -> np.ndarray:
    border = layer.kernel // 2
    padded = np.pad(x, ((0, 0), (0, 0), (border, border), (border, border)))
    sides = (layer.kernel, layer.kernel)
    windows = np.lib.stride_tricks.sliding_window_view(padded, sides, axis=(2, 3))
    # (rows, channels, height, width, u, v) and (outputs, channels, u, v)
    found = np.tensordot(windows, weights["weight"], axes=((1, 4, 5), (1, 2, 3)))
    return np.moveaxis(found, 3, 1) + (weights["bias"][:, None, None] if layer.bias else 0)


def _norm(layer: BatchNorm, weights: Weights, x: np.ndarray) -> np.ndarray:
    shape = (-1, *(1,) * (x.ndim - 2))
    scale = weights["weight"] / np.sqrt(weights["running_var"].astype(np.float64) + EPSILON)
    centred = x - weights["running_mean"].reshape(shape)
    return np.asarray(centred * scale.reshape(shape) + weights["bias"].reshape(shape))


def _activation(layer: Activation, weights: Weights, x: np.ndarray) -> np.ndarray:
    return ACTIVATIONS[layer.function](x)


def _pooling(layer: Pooling, weights: Weights, x: np.ndarray) -> np.ndarray:
    height, width = x.shape[2] // 2, x.shape[3] // 2
    squares = x[:, :, : 2 * height, : 2 * width].reshape(*x.shape[:2], height, 2, width, 2)
    return np.asarray(squares.max((3, 5)) if layer.kind == "max" else squares.mean((3, 5)))


def _powers(layer: Powers, weights: Weights, x: np.ndarray) -> np.ndarray:
    return np.concatenate([x**power for power in range(1, layer.degree + 1)], axis=1)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))


def _gelu(x: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return np.asarray(x * ndtr(x))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "silu": lambda x: x * _sigmoid(x),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "gelu": _gelu,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
}
FORWARD: dict[type, Callable[[Any, Weights, np.ndarray], np.ndarray]] = {
    Linear: _linear,
    Convolution: _convolution,
    BatchNorm: _norm,
    Activation: _activation,
    Dropout: lambda layer, weights, x: x,
    Pooling: _pooling,
    Flatten: lambda layer, weights, x: x.reshape(len(x), -1),
    Powers: _powers,
}
