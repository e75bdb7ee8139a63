"""Fully connected networks."""

import math

from labbook.models.layers import Activation, BatchNorm, Dropout, Flatten, Layer, Linear, Shape
from labbook.params.models import Mlp


def mlp_layers(block: Mlp, inputs: Shape, outputs: int) -> dict[str, Layer]:
    """Linear, (batch norm), activation, (dropout) for each hidden layer, then linear.

    Images are flattened. A linear layer before batch norm has no bias: it would be subtracted.
    """
    layers: dict[str, Layer] = {"flatten": Flatten()} if len(inputs) > 1 else {}
    rates = (
        block.dropout if isinstance(block.dropout, list) else [block.dropout] * len(block.hidden)
    )
    size = math.prod(inputs)
    for number, (width, rate) in enumerate(zip(block.hidden, rates, strict=True), start=1):
        layers[f"linear{number}"] = Linear(size, width, bias=not block.batch_norm)
        if block.batch_norm:
            layers[f"norm{number}"] = BatchNorm(width)
        layers[f"activation{number}"] = Activation(block.activation)
        if rate > 0:
            layers[f"dropout{number}"] = Dropout(rate)
        size = width
    layers["output"] = Linear(size, outputs)
    return layers
