"""Networks and plain references, one module per kind: to add one, write it and name it here."""

import math
from collections.abc import Callable
from typing import Any

from labbook.errors import LabbookError
from labbook.models.cnn import cnn_layers
from labbook.models.layers import Layer, Network, Shape
from labbook.models.linear import linear_layers
from labbook.models.mlp import mlp_layers
from labbook.models.polynomial import polynomial_layers
from labbook.params import limits
from labbook.params.models import Model

__all__ = ["LAYERS", "Layer", "Network", "Shape", "build"]

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
