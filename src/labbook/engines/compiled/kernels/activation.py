"""The activation layer: in place, line by line, so that borders stay zero."""

import numpy as np

from labbook.engines.compiled.kernels.activations import activate, activate_and_keep, times_slope
from labbook.engines.compiled.kernels.memory import LAYER, layout
from labbook.engines.compiled.kernels.vector import at, compiled


@compiled()
def clear_padding(layer, values, count):
    """Zero the channels that are padding: a function need not be 0 at 0."""
    for pixel in range(count // layer.channels):
        for c in range(layer.units, layer.channels):
            values[pixel * layer.channels + c] = np.float32(0.0)


@compiled(LAYER)
def forward(memory, layer, rows, first):
    """Each value becomes its function's; the slope is kept where it does not follow from that."""
    lines, length, step, lead, count = layout(layer, rows)
    for row in range(count):
        offset = row * layer.source_size + lead
        values = at(memory.workspace, layer.source + offset)
        kept = at(memory.workspace, layer.kept + offset)
        for y in range(lines):
            activate_and_keep(layer.function, at(values, y * step), at(kept, y * step), length)
            if layer.units < layer.channels:
                clear_padding(layer, at(values, y * step), length)


@compiled(LAYER)
def evaluate(memory, layer, rows, first):
    """Each value becomes its function's."""
    lines, length, step, lead, count = layout(layer, rows)
    for row in range(count):
        values = at(memory.workspace, layer.source + row * layer.source_size + lead)
        for y in range(lines):
            activate(layer.function, at(values, y * step), length)
            if layer.units < layer.channels:
                clear_padding(layer, at(values, y * step), length)


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """The gradient times the slope."""
    lines, length, step, lead, count = layout(layer, rows)
    for row in range(count):
        offset = row * layer.source_size + lead
        gradient = at(memory.workspace, layer.source_gradient + offset)
        kept = at(memory.workspace, layer.kept + offset)
        for y in range(lines):
            times_slope(layer.function, at(gradient, y * step), at(kept, y * step), length)
