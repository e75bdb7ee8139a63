"""Linear regression, or softmax regression for classes: a plain reference."""

import math
from typing import Any

from labbook.models.layers import Flatten, Layer, Linear, Shape


def linear_layers(block: Any, inputs: Shape, outputs: int) -> dict[str, Layer]:
    """One linear layer; images are flattened."""
    layers: dict[str, Layer] = {"flatten": Flatten()} if len(inputs) > 1 else {}
    return layers | {"output": Linear(math.prod(inputs), outputs)}
