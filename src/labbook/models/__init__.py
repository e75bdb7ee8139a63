"""Which networks there are, and what one gives for its inputs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from labbook.errors import LabbookError
from labbook.models.cnn import cnn_layers
from labbook.models.layers import Layer, Network, Shape, Weights
from labbook.models.linear import linear_layers
from labbook.models.mlp import mlp_layers
from labbook.models.polynomial import polynomial_layers
from labbook.params import limits
from labbook.params.models import Model

__all__ = ["LAYERS", "Layer", "Network", "Shape", "build", "forward"]

LAYERS: dict[str, Callable[[Any, Shape, int], dict[str, Layer]]] = {
    "mlp": mlp_layers,
    "cnn": cnn_layers,
    "linear": linear_layers,
    "polynomial": polynomial_layers,
}


def build(model: Model, inputs: Shape, outputs: int) -> Network:
    """The network of a block of params.yaml, for rows of shape `inputs`.

    `inputs` is (columns,) or (channels, height, width). Raises `LabbookError` where images are too
    small for the poolings, where there are none for a cnn, and for too many weights.
    """
    layers = LAYERS[model.kind](model, inputs, outputs)
    network = Network(inputs, model.initialisation, layers)
    weights = sum(map(math.prod, network.weights().values()))
    if weights > limits.WEIGHTS:
        raise LabbookError(
            f"model: {weights:,} weights for rows of shape {inputs}; at most {limits.WEIGHTS:,} "
            "are allowed. Make its layers narrower, or select fewer features."
        )
    return network


def forward(network: Network, weights: Weights, x: np.ndarray) -> np.ndarray:
    """Outputs (rows, outputs) of `x` (rows, *inputs) in evaluation mode, float64, by NumPy alone.

    Slow, and independent of all engines. Raises ValueError where names or shapes of `weights` are
    not those of the network.
    """
    shapes = network.weights() | network.buffers()
    if {name: array.shape for name, array in weights.items()} != shapes:
        raise ValueError("the weights are not those of the network")
    values = x.astype(np.float64)
    for name, layer in network.layers.items():
        names = layer.weights() | layer.buffers()
        values = layer.forward({key: weights[f"{name}.{key}"] for key in names}, values)
    return values
