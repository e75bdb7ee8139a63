"""A polynomial in each feature: a plain reference."""

import math
from collections import OrderedDict

from torch import nn

from labbook.models.layers import Powers
from labbook.params.models import Polynomial


def build_polynomial(block: Polynomial, inputs: tuple[int, ...], outputs: int) -> nn.Module:
    """Powers 1 to degree of each (standardised) feature, then one linear layer."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(inputs) > 1:
        layers["flatten"] = nn.Flatten()
    layers["powers"] = Powers(block.degree)
    layers["output"] = nn.Linear(math.prod(inputs) * block.degree, outputs)
    return nn.Sequential(layers)
