"""Linear regression, or softmax regression for classes: a plain reference."""

import math
from collections import OrderedDict

from torch import nn

from labbook.params.models import Linear


def build_linear(block: Linear, inputs: tuple[int, ...], outputs: int) -> nn.Module:
    """One linear layer; images are flattened."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(inputs) > 1:
        layers["flatten"] = nn.Flatten()
    layers["output"] = nn.Linear(math.prod(inputs), outputs)
    return nn.Sequential(layers)
