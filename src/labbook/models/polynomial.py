"""A polynomial in each feature: a plain reference."""

import math

from labbook.models.layers import Flatten, Layer, Linear, Powers, Shape
from labbook.params.models import Polynomial


def polynomial_layers(block: Polynomial, inputs: Shape, outputs: int) -> dict[str, Layer]:
    """Powers 1 to degree of each (standardised) feature, then one linear layer."""
    layers: dict[str, Layer] = {"flatten": Flatten()} if len(inputs) > 1 else {}
    layers["powers"] = Powers(block.degree)
    return layers | {"output": Linear(math.prod(inputs) * block.degree, outputs)}
