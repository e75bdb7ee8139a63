"""Each kind of layer as nodes of ONNX. To add one: a function and an entry in `LAYERS`."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from labbook.errors import LabbookError
from labbook.models.layers import (
    EPSILON,
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
from labbook.prediction.export.graph import DOUBLE, FLOAT, Graph

Weights = Mapping[str, np.ndarray]
EXACT = (Linear, Powers, Flatten, Dropout)  # with these alone in float64, as powers need it


def _linear(graph: Graph, layer: Linear, weights: Weights, x: str, real: Any) -> str:
    bias = weights["bias"] if layer.bias else np.zeros(layer.outputs)
    parts = graph.constant(weights["weight"], real), graph.constant(bias, real)
    return graph.add("Gemm", x, *parts, transB=1)


def _convolution(graph: Graph, layer: Convolution, weights: Weights, x: str, real: Any) -> str:
    names = [graph.constant(weights["weight"], real)]
    if layer.bias:
        names.append(graph.constant(weights["bias"], real))
    border, side = layer.kernel // 2, layer.kernel
    return graph.add("Conv", x, *names, kernel_shape=[side, side], pads=[border] * 4)


def _batch_norm(graph: Graph, layer: BatchNorm, weights: Weights, x: str, real: Any) -> str:
    order = ("weight", "bias", "running_mean", "running_var")
    parts = [graph.constant(weights[name], real) for name in order]
    return graph.add("BatchNormalization", x, *parts, epsilon=EPSILON)


def _activation(graph: Graph, layer: Activation, weights: Weights, x: str, real: Any) -> str:
    if layer.function not in ACTIVATIONS:
        raise LabbookError(
            f"export: the activation {layer.function} has no form in ONNX yet; see ACTIVATIONS in "
            "prediction/export/layers.py."
        )
    return ACTIVATIONS[layer.function](graph, x)


def _pooling(graph: Graph, layer: Pooling, weights: Weights, x: str, real: Any) -> str:
    operator = "MaxPool" if layer.kind == "max" else "AveragePool"
    return graph.add(operator, x, kernel_shape=[2, 2], strides=[2, 2])


def _powers(graph: Graph, layer: Powers, weights: Weights, x: str, real: Any) -> str:
    exponents = range(2, layer.degree + 1)
    powers = [graph.add("Pow", x, graph.constant(power, real)) for power in exponents]
    return graph.add("Concat", x, *powers, axis=1)


Form = Callable[[Graph, Any, Weights, str, Any], str]
LAYERS: dict[type[Layer], Form] = {
    Linear: _linear,
    Convolution: _convolution,
    BatchNorm: _batch_norm,
    Activation: _activation,
    Dropout: lambda graph, layer, weights, x, real: x,  # in training alone
    Pooling: _pooling,
    Flatten: lambda graph, layer, weights, x, real: graph.add("Flatten", x, axis=1),
    Powers: _powers,
}
ACTIVATIONS: dict[str, Callable[[Graph, str], str]] = {
    "relu": lambda graph, x: graph.add("Relu", x),
    "leaky_relu": lambda graph, x: graph.add("LeakyRelu", x, alpha=0.01),
    "silu": lambda graph, x: graph.add("Mul", x, graph.add("Sigmoid", x)),
    "tanh": lambda graph, x: graph.add("Tanh", x),
    "sigmoid": lambda graph, x: graph.add("Sigmoid", x),
    "gelu": lambda graph, x: graph.add("Gelu", x),
    "elu": lambda graph, x: graph.add("Elu", x, alpha=1.0),
}


def add_network(graph: Graph, network: Network, weights: Weights, x: str) -> str:
    """Add all layers behind `x`, float64 (rows, *inputs); outputs (rows, outputs) in float64.

    Computed in float32, as trained; in float64 where no layer but sums and powers are there.
    """
    exact = all(isinstance(layer, EXACT) for layer in network.layers.values())
    real = np.float64 if exact else np.float32
    value = graph.cast(x, FLOAT)  # inputs are rounded, as in training
    value = graph.cast(value, DOUBLE) if exact else value
    for name, layer in network.layers.items():
        if type(layer) not in LAYERS:
            raise LabbookError(
                f"export: the layer {type(layer).__name__} has no form in ONNX yet; see LAYERS in "
                "prediction/export/layers.py."
            )
        own = {key: weights[f"{name}.{key}"] for key in layer.weights() | layer.buffers()}
        value = LAYERS[type(layer)](graph, layer, own, value, real)
    return value if exact else graph.cast(value, DOUBLE)


def size_of(network: Network) -> int:
    """Bytes of the weights in the file."""
    return 8 * sum(map(math.prod, (network.weights() | network.buffers()).values()))
