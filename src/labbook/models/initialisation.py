"""Weights at the start, drawn on the CPU from the stream "initialisation" of a seed.

The order is fixed, so that another engine can draw the same: layer by layer from input to output,
of each linear or convolution layer first the weight in C order ((outputs, inputs) or (outputs,
inputs, kernel, kernel)), then the bias if it has one; in float64, rounded to float32. Batch norm
starts at weight 1 and bias 0 and draws nothing.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from labbook.streams import stream

Draw = Callable[[np.random.Generator, tuple[int, ...], int, int], np.ndarray]


def _uniform_by_inputs(
    generator: np.random.Generator, shape: tuple[int, ...], inputs: int, outputs: int
) -> np.ndarray:
    """U(-b, b), b = 1 / sqrt(inputs): what torch.nn.Linear and Conv2d do."""
    bound = 1 / math.sqrt(inputs)
    return generator.uniform(-bound, bound, shape)


def _he(
    generator: np.random.Generator, shape: tuple[int, ...], inputs: int, outputs: int
) -> np.ndarray:
    """N(0, 2 / inputs), whatever the activation (He et al. 2015, equation 10)."""
    return generator.standard_normal(shape) * math.sqrt(2 / inputs)


def _xavier(
    generator: np.random.Generator, shape: tuple[int, ...], inputs: int, outputs: int
) -> np.ndarray:
    """U(-b, b), b = sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, equation 16)."""
    bound = math.sqrt(6 / (inputs + outputs))
    return generator.uniform(-bound, bound, shape)


def _zero(
    generator: np.random.Generator, shape: tuple[int, ...], inputs: int, outputs: int
) -> np.ndarray:
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


@torch.no_grad()
def initialise(module: nn.Module, kind: str, seed: int) -> None:
    """Draw the weights of `module` in place, as the head of this file says."""
    generator = stream(seed, "initialisation")
    of_weight, of_bias = INITIALISATIONS[kind]
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            kernel = math.prod(layer.weight.shape[2:])
            inputs, outputs = layer.weight.shape[1] * kernel, layer.weight.shape[0] * kernel
            weight = of_weight(generator, tuple(layer.weight.shape), inputs, outputs)
            layer.weight.copy_(torch.from_numpy(weight))
            if layer.bias is not None:
                bias = of_bias(generator, tuple(layer.bias.shape), inputs, outputs)
                layer.bias.copy_(torch.from_numpy(bias))
