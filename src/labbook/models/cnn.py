"""Convolutional networks for images."""

import math

from labbook.errors import LabbookError
from labbook.models.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    Layer,
    Linear,
    Pooling,
    Shape,
)
from labbook.params.models import Cnn


def cnn_layers(block: Cnn, inputs: Shape, outputs: int) -> dict[str, Layer]:
    """Blocks of convolution, (batch norm), activation, 2 x 2 pooling; then a small mlp.

    `inputs` is (channels, height, width). Raises `LabbookError` for inputs that are no images,
    and for images that the poolings would shrink to nothing.
    """
    if len(inputs) != 3:
        raise LabbookError(
            f"model cnn needs images (channels, height, width), found rows of {inputs[0]} numbers. "
            "Use model kind mlp, linear or polynomial for tables and functions."
        )
    layers, shape = _convolutions(block, inputs)
    layers["flatten"] = Flatten()
    size = math.prod(shape)
    for number, hidden in enumerate(block.hidden, start=1):
        layers[f"linear{number}"] = Linear(size, hidden)
        layers[f"hidden_activation{number}"] = Activation(block.activation)
        if block.dropout > 0:
            layers[f"dropout{number}"] = Dropout(block.dropout)
        size = hidden
    layers["output"] = Linear(size, outputs)
    return layers


def _convolutions(block: Cnn, inputs: Shape) -> tuple[dict[str, Layer], Shape]:
    """The convolution blocks, and the shape behind them."""
    layers: dict[str, Layer] = {}
    channels, height, width = inputs
    for number, wider in enumerate(block.channels, start=1):
        bias = not block.batch_norm  # batch norm would subtract it
        layers[f"convolution{number}"] = Convolution(channels, wider, block.kernel, bias)
        if block.batch_norm:
            layers[f"norm{number}"] = BatchNorm(wider)
        layers[f"activation{number}"] = Activation(block.activation)
        if block.pooling != "none":
            layers[f"pooling{number}"] = Pooling(block.pooling)
            height, width = height // 2, width // 2
        channels = wider
    if min(height, width) < 1:
        poolings, most = len(block.channels), min(inputs[1:]).bit_length() - 1
        raise LabbookError(
            f"model cnn: images of {inputs[1]} x {inputs[2]} are too small for {poolings} poolings "
            f"of 2 x 2, one per entry of `channels`; at most {most} fit. "
            "List fewer channels, or set pooling: none."
        )
    return layers, (channels, height, width)
