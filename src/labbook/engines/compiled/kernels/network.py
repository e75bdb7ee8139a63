"""Forward and backward through all layers: to add a kind of layer, name its functions here."""

import numpy as np
from numba import types

from labbook.engines.compiled.kernels import (
    activations,
    convolution,
    dropout,
    linear,
    norm,
    pooling,
)
from labbook.engines.compiled.kernels.memory import LAYER, MEMORY
from labbook.engines.compiled.kernels.vector import (
    LANES,
    Pointer,
    at,
    compiled,
    copy_vector,
    entry,
    switch,
)
from labbook.engines.compiled.operations import KINDS


@compiled(LAYER)
def nothing(memory, layer, rows, first):
    """For layers that have nothing to do there."""


# Kind -> what it does in training, back, in evaluation, and before the first row of a step.
FUNCTIONS = {
    "linear": (linear.forward, linear.backward, linear.forward, linear.turn),
    "convolution": (
        convolution.forward, convolution.backward, convolution.forward, convolution.turn,
    ),
    "pooling": (pooling.forward, pooling.backward, pooling.forward, nothing),
    "norm": (norm.forward, norm.backward, norm.evaluate, nothing),
    "activation": (activations.forward, activations.backward, activations.evaluate, nothing),
    "dropout": (dropout.forward, dropout.backward, dropout.evaluate, nothing),
}  # fmt: skip
train, back, test, prepare = (
    switch(KINDS, {kind: functions[way] for kind, functions in FUNCTIONS.items()})
    for way in range(4)
)


@compiled(types.void(MEMORY, types.int64, types.int64))
def forward(memory, rows, first):
    """From the first layer's source to the output; `first`: the first row's place in its batch."""
    for number in range(memory.settings.operations):
        layer = entry(memory.operations, number)
        train(layer.kind, memory, layer, rows, first)


@compiled(types.void(MEMORY, types.int64))
def evaluate(memory, rows):
    """From the first layer's source to the output, in evaluation mode."""
    for number in range(memory.settings.operations):
        layer = entry(memory.operations, number)
        test(layer.kind, memory, layer, rows, 0)


@compiled(types.void(MEMORY, types.int64))
def backward(memory, rows):
    """From the gradient of the output down to the first layer's; those of weights are added up."""
    for number in range(memory.settings.operations - 1, -1, -1):
        layer = entry(memory.operations, number)
        back(layer.kind, memory, layer, rows, 0)


@compiled(types.void(MEMORY))
def turn(memory):
    """Make the transposed weights that the way back uses; once per step."""
    for number in range(memory.settings.operations):
        layer = entry(memory.operations, number)
        if layer.source_gradient >= 0:
            prepare(layer.kind, memory, layer, 0, 0)


@compiled()
def copy_lines(layer, image, target):
    """Copy an image line by line to where it has a border."""
    length, border = layer.width * layer.channels, layer.border * layer.channels
    line = length + 2 * border
    inside = at(target, layer.border * line + border)
    for y in range(layer.height):
        for i in range(length):
            inside[y * line + i] = image[y * length + i]


@compiled(types.void(MEMORY, Pointer, types.int64, types.int64, types.boolean))
def load(memory, data, rows, start, in_order):
    """Copy `rows` rows of the data, from `start` on, to the source of the first layer.

    They are rows start, start + 1, ... of the epoch's order, or of the data themselves.
    """
    layer, size = entry(memory.operations, 0), memory.settings.input_size
    for row in range(rows):
        number = start + row if in_order else np.int64(memory.order[start + row])
        target = at(memory.workspace, layer.source + row * layer.source_size)
        if layer.border == 0 and layer.channels % LANES == 0:
            for i in range(0, size, LANES):
                copy_vector(at(target, i), at(data, number * size + i))
        else:
            copy_lines(layer, at(data, number * size), target)
