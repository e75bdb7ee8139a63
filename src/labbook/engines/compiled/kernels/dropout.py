"""Dropout on the rows of a fully connected layer.

Not in place: the slope of the activation before it follows from the value that goes in.
"""

import numpy as np

from labbook.engines.compiled.kernels.memory import LAYER
from labbook.engines.compiled.kernels.random import uniforms
from labbook.engines.compiled.kernels.vector import at, compiled

f = np.float32


@compiled(LAYER)
def forward(memory, layer, rows, first):
    """Keep a unit where its draw is at least the rate, divided by 1 - rate; else it is 0.

    The draws of a step lie in the epoch's stream one layer after the other, each row by row; so
    the place of a draw follows from the epoch, the step, the layer and the row.
    """
    s, state = memory.settings, memory.state
    batch = min(s.batch, s.rows - state.row)
    rate, scale = f(layer.rate), f(1.0) / (f(1.0) - f(layer.rate))
    start = state.row * s.drawn + batch * layer.drawn_before + first * layer.units
    for row in range(rows):
        values = at(memory.workspace, layer.source + row * layer.source_size)
        out = at(memory.workspace, layer.target + row * layer.target_size)
        factors = at(memory.workspace, layer.kept + row * layer.source_size)
        uniforms(
            factors, layer.units, start + row * layer.units, state.epoch + 1, s.dropout0, s.dropout1
        )
        for i in range(layer.units):
            factors[i] = scale if factors[i] >= rate else f(0.0)
        for i in range(layer.units):
            out[i] = values[i] * factors[i]


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """The gradient times the factors of the way forward."""
    gradient = at(memory.workspace, layer.source_gradient)
    given = at(memory.workspace, layer.target_gradient)
    factors = at(memory.workspace, layer.kept)
    for i in range(rows * layer.source_size):
        gradient[i] = given[i] * factors[i]


@compiled(LAYER)
def evaluate(memory, layer, rows, first):
    """Nothing is dropped."""
    values, out = at(memory.workspace, layer.source), at(memory.workspace, layer.target)
    for i in range(rows * layer.source_size):
        out[i] = values[i]
