"""Weights at the start, drawn from the stream "initialisation" of a seed; the same in all engines.

The order is fixed: layer by layer from input to output,
of each linear or convolution layer first the weight in C order ((outputs, inputs) or (outputs,
inputs, kernel, kernel)), then the bias if it has one; in float64, rounded to float32. Batch norm
starts at weight 1 and bias 0 and draws nothing.
"""

import math
from collections.abc import Callable

import numpy as np

from labbook.models.layers import Network, Shape
from labbook.streams import stream

Draw = Callable[[np.random.Generator, Shape, int, int], np.ndarray]


def _uniform_by_inputs(
    generator: np.random.Generator, shape: Shape, inputs: int, outputs: int
) -> np.ndarray:
    """U(-b, b), b = 1 / sqrt(inputs): what torch.nn.Linear and Conv2d do."""
    bound = 1 / math.sqrt(inputs)
    return generator.uniform(-bound, bound, shape)


def _he(generator: np.random.Generator, shape: Shape, inputs: int, outputs: int) -> np.ndarray:
    """N(0, 2 / inputs), whatever the activation (He et al. 2015, equation 10)."""
    return generator.standard_normal(shape) * math.sqrt(2 / inputs)


def _xavier(generator: np.random.Generator, shape: Shape, inputs: int, outputs: int) -> np.ndarray:
    """U(-b, b), b = sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, equation 16)."""
    bound = math.sqrt(6 / (inputs + outputs))
    return generator.uniform(-bound, bound, shape)


def _zero(generator: np.random.Generator, shape: Shape, inputs: int, outputs: int) -> np.ndarray:
    """All zero: for models without hidden layers."""
    return np.zeros(shape)


# Name -> (of the weights, of the biases). `inputs` and `outputs` of a convolution count its
# kernel: channels * kernel * kernel.
INITIALISATIONS: dict[str, tuple[Draw, Draw]] = {
    "default": (_uniform_by_inputs, _uniform_by_inputs),
    "he": (_he, _zero),
    "xavier": (_xavier, _zero),
    "zero": (_zero, _zero),
}


def initial_weights(network: Network, seed: int) -> dict[str, np.ndarray]:
    """All weights and buffers of `network` before training, float32, by name."""
    generator = stream(seed, "initialisation")
    draws = dict(zip(("weight", "bias"), INITIALISATIONS[network.initialisation], strict=True))
    arrays: dict[str, np.ndarray] = {}
    for layer_name, layer in network.layers.items():
        shapes = layer.weights() | layer.buffers()
        for name, shape in shapes.items():
            if name in layer.START:
                array = np.full(shape, layer.START[name])
            else:
                outputs, inputs, *kernel = shapes["weight"]
                size = math.prod(kernel)
                array = draws[name](generator, shape, inputs * size, outputs * size)
            arrays[f"{layer_name}.{name}"] = array.astype(np.float32)
    return arrays
