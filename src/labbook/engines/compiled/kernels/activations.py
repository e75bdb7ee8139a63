"""Activations and their slopes: to add one, write two functions and name them here.

The slope is a function of the activation's value; or, for those in operations.KEEPS_SLOPE, whose
slope does not follow from the value, of its argument: it is computed on the way forward and kept.
"""

from typing import Any

import numpy as np
from numba import types

from labbook.engines.compiled.kernels.elementary import (
    exp_minus_1,
    normal_density,
    normal_distribution,
    sigmoid,
    tanh,
)
from labbook.engines.compiled.kernels.memory import LAYER, layout
from labbook.engines.compiled.kernels.vector import Pointer, at, compiled, fma, switch
from labbook.engines.compiled.operations import ACTIVATIONS, KEEPS_SLOPE

f = np.float32


@compiled(inline=True)
def relu(x):
    """max(0, x); NaN stays NaN."""
    return f(0.0) if x < f(0.0) else x


@compiled(inline=True)
def relu_slope(y):
    """1 above 0, else 0."""
    return f(1.0) if y > f(0.0) else f(0.0)


@compiled(inline=True)
def leaky_relu(x):
    """x, or 0.01 x below 0."""
    return f(0.01) * x if x < f(0.0) else x


@compiled(inline=True)
def leaky_relu_slope(y):
    """1 above 0, else 0.01."""
    return f(1.0) if y > f(0.0) else f(0.01)


@compiled(inline=True)
def silu(x):
    """X sigmoid(x)."""
    return x * sigmoid(x)


@compiled(inline=True)
def silu_slope(x):
    """S (1 + x (1 - s)) with s = sigmoid(x)."""
    s = sigmoid(x)
    return s * fma(x, f(1.0) - s, f(1.0))


@compiled(inline=True)
def tanh_slope(y):
    """1 - tanh(x)^2."""
    return fma(-y, y, f(1.0))


@compiled(inline=True)
def sigmoid_slope(y):
    """S (1 - s)."""
    return y * (f(1.0) - y)


@compiled(inline=True)
def gelu(x):
    """X Phi(x) (Hendrycks and Gimpel 2016), Phi the normal distribution function."""
    return x * normal_distribution(x)


@compiled(inline=True)
def gelu_slope(x):
    """Phi(x) + x phi(x)."""
    return fma(x, normal_density(x), normal_distribution(x))


@compiled(inline=True)
def elu(x):
    """x, or e^x - 1 below 0."""
    return exp_minus_1(x) if x < f(0.0) else x


@compiled(inline=True)
def elu_slope(y):
    """1 above 0, else e^x = y + 1."""
    return f(1.0) if y > f(0.0) else y + f(1.0)


FUNCTIONS = {
    "relu": (relu, relu_slope),
    "leaky_relu": (leaky_relu, leaky_relu_slope),
    "silu": (silu, silu_slope),
    "tanh": (tanh, tanh_slope),
    "sigmoid": (sigmoid, sigmoid_slope),
    "gelu": (gelu, gelu_slope),
    "elu": (elu, elu_slope),
}


def _in_place(function: Any) -> Any:
    @compiled(types.void(Pointer, types.int64))
    def loop(values, count):
        for i in range(count):
            values[i] = function(values[i])

    return loop


def _in_training(name: str) -> Any:
    function, slope = FUNCTIONS[name]

    @compiled(types.void(Pointer, Pointer, types.int64))
    def keeping(values, kept, count):
        for i in range(count):
            x = values[i]
            kept[i] = slope(x)  # what both have in common is computed once
            values[i] = function(x)

    @compiled(types.void(Pointer, Pointer, types.int64))
    def plain(values, kept, count):
        for i in range(count):
            values[i] = function(values[i])

    return keeping if name in KEEPS_SLOPE else plain


def _times_slope(name: str) -> Any:
    _, slope = FUNCTIONS[name]

    @compiled(types.void(Pointer, Pointer, types.int64))
    def by_kept(gradient, kept, count):
        for i in range(count):
            gradient[i] *= kept[i]

    @compiled(types.void(Pointer, Pointer, types.int64))
    def by_value(gradient, values, count):
        for i in range(count):
            gradient[i] *= slope(values[i])

    @compiled(types.void(Pointer, Pointer, types.int64))
    def by_choice(gradient, values, count):
        for i in range(count):  # 0 also where the gradient is infinite, as torch has it
            g = gradient[i]  # read in any case, so that vectors can
            gradient[i] = f(0.0) if values[i] <= f(0.0) else g

    if name == "relu":
        return by_choice
    return by_kept if name in KEEPS_SLOPE else by_value


# activate(number, values, count): each value becomes its function's.
activate = switch(ACTIVATIONS, {name: _in_place(f) for name, (f, _) in FUNCTIONS.items()})
# activate_and_keep(number, values, kept, count): so does it here, and the slope goes to `kept`.
activate_and_keep = switch(ACTIVATIONS, {name: _in_training(name) for name in FUNCTIONS})
# times_slope(number, gradient, kept or values, count): gradient of value -> gradient of argument.
times_slope = switch(ACTIVATIONS, {name: _times_slope(name) for name in FUNCTIONS})


# The layer: in place, line by line, so that borders stay zero.


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
