"""Fully connected networks."""

import math
from collections import OrderedDict

from torch import nn

from labbook.models.activations import ACTIVATIONS
from labbook.models.layers import BatchNorm, Dropout
from labbook.params.models import Mlp


def build_mlp(block: Mlp, inputs: tuple[int, ...], outputs: int) -> nn.Module:
    """Linear, (batch norm), activation, (dropout) for each hidden layer, then linear.

    Images are flattened. A linear layer before batch norm has no bias: it would be subtracted.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(inputs) > 1:
        layers["flatten"] = nn.Flatten()
    rates = (
        block.dropout if isinstance(block.dropout, list) else [block.dropout] * len(block.hidden)
    )
    size = math.prod(inputs)
    for number, (width, rate) in enumerate(zip(block.hidden, rates, strict=True), start=1):
        layers[f"linear{number}"] = nn.Linear(size, width, bias=not block.batch_norm)
        if block.batch_norm:
            layers[f"norm{number}"] = BatchNorm(width)
        layers[f"activation{number}"] = ACTIVATIONS[block.activation]()
        if rate > 0:
            layers[f"dropout{number}"] = Dropout(rate)
        size = width
    layers["output"] = nn.Linear(size, outputs)
    return nn.Sequential(layers)
