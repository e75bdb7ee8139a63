"""Convolutional networks for images."""

from collections import OrderedDict

from torch import nn

from labbook.errors import LabbookError
from labbook.models.activations import ACTIVATIONS
from labbook.models.layers import BatchNorm, Dropout
from labbook.params.models import Cnn

POOLINGS = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}


def build_cnn(block: Cnn, inputs: tuple[int, ...], outputs: int) -> nn.Module:
    """Blocks of convolution, (batch norm), activation, 2 x 2 pooling; then a small mlp.

    `inputs` is (channels, height, width). Raises `LabbookError` for inputs that are no images,
    and for images that the poolings would shrink to nothing.
    """
    if len(inputs) != 3:
        raise LabbookError(
            f"model cnn needs images (channels, height, width), found rows of {inputs[0]} numbers. "
            "Use model kind mlp, linear or polynomial for tables and functions."
        )
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = _add_convolutions(layers, block, inputs[0])
    height, width = _size_after_poolings(block, inputs)
    layers["flatten"] = nn.Flatten()
    size = channels * height * width
    for number, hidden in enumerate(block.hidden, start=1):
        layers[f"linear{number}"] = nn.Linear(size, hidden)
        layers[f"hidden_activation{number}"] = ACTIVATIONS[block.activation]()
        if block.dropout > 0:
            layers[f"dropout{number}"] = Dropout(block.dropout)
        size = hidden
    layers["output"] = nn.Linear(size, outputs)
    return nn.Sequential(layers)


def _add_convolutions(layers: OrderedDict[str, nn.Module], block: Cnn, channels: int) -> int:
    """Add the convolution blocks; the number of channels after them."""
    for number, width in enumerate(block.channels, start=1):
        layers[f"convolution{number}"] = nn.Conv2d(
            channels, width, block.kernel,
            padding=block.kernel // 2, bias=not block.batch_norm,
        )  # fmt: skip
        if block.batch_norm:
            layers[f"norm{number}"] = BatchNorm(width)
        layers[f"activation{number}"] = ACTIVATIONS[block.activation]()
        if block.pooling != "none":
            layers[f"pooling{number}"] = POOLINGS[block.pooling](2)
        channels = width
    return channels


def _size_after_poolings(block: Cnn, inputs: tuple[int, ...]) -> tuple[int, int]:
    """Height and width behind the convolution blocks; each pooling halves, rounding down."""
    poolings = 0 if block.pooling == "none" else len(block.channels)
    height, width = inputs[1] >> poolings, inputs[2] >> poolings
    if min(height, width) < 1:
        most = min(inputs[1:]).bit_length() - 1
        raise LabbookError(
            f"model cnn: images of {inputs[1]} x {inputs[2]} are too small for {poolings} poolings "
            f"of 2 x 2, one per entry of `channels`; at most {most} fit. "
            "List fewer channels, or set pooling: none."
        )
    return height, width
