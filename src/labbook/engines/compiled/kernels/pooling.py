"""Pooling of 2 x 2 pixels, channel by channel; a last odd line or column is left out."""

import numpy as np

from labbook.engines.compiled.kernels.memory import LAYER
from labbook.engines.compiled.kernels.vector import at, compiled

f = np.float32
MAX = 0  # in operations.POOLINGS


@compiled(inline=True)
def larger(a, b):
    """The larger of two, a if they are equal; NaN if one is: else it would go unnoticed."""
    return b if (b > a) | (b != b) else a


@compiled()
def largest(square, line, channels, out):
    """out[c] = the largest of the four pixels' c."""
    right, below = at(square, channels), at(square, line)
    last = at(square, line + channels)
    for c in range(channels):
        out[c] = larger(larger(larger(square[c], right[c]), below[c]), last[c])


@compiled()
def mean(square, line, channels, out):
    """out[c] = the mean of the four pixels' c."""
    right, below = at(square, channels), at(square, line)
    last = at(square, line + channels)
    for c in range(channels):
        out[c] = f(0.25) * (((square[c] + right[c]) + below[c]) + last[c])


@compiled(LAYER)
def forward(memory, layer, rows, first):
    """The largest, or the mean, of each square."""
    w, channels = memory.workspace, layer.channels
    line = (layer.width + 2 * layer.border) * channels
    line_out = (layer.width // 2 + 2 * layer.target_border) * channels
    for row in range(rows):
        image = at(w, layer.source + row * layer.source_size + layer.border * (line + channels))
        out = at(w, layer.target + row * layer.target_size)
        out = at(out, layer.target_border * (line_out + channels))
        for y in range(layer.height // 2):
            for x in range(layer.width // 2):
                square = at(image, 2 * y * line + 2 * x * channels)
                if layer.function == MAX:
                    largest(square, line, channels, at(out, y * line_out + x * channels))
                else:
                    mean(square, line, channels, at(out, y * line_out + x * channels))


@compiled()
def clear_odd(layer, dx, line):
    """Zero the gradient of a last line and column that no square reaches."""
    if layer.height % 2:
        for i in range(layer.width * layer.channels):
            dx[(layer.height - 1) * line + i] = f(0.0)
    if layer.width % 2:
        for y in range(layer.height):
            for c in range(layer.channels):
                dx[y * line + (layer.width - 1) * layer.channels + c] = f(0.0)


@compiled()
def to_first(square, line, channels, out, dy, dx):
    """dx[c] of the first pixel of the square that equals out[c] is dy[c], the others' are 0."""
    for c in range(channels):
        one = square[c] == out[c]
        two = (square[channels + c] == out[c]) & ~one
        three = (square[line + c] == out[c]) & ~one & ~two
        four = ~one & ~two & ~three
        dx[c] = dy[c] if one else f(0.0)
        dx[channels + c] = dy[c] if two else f(0.0)
        dx[line + c] = dy[c] if three else f(0.0)
        dx[line + channels + c] = dy[c] if four else f(0.0)


@compiled()
def to_all(line, channels, dy, dx):
    """A quarter of dy[c] to each pixel."""
    for c in range(channels):
        quarter = f(0.25) * dy[c]
        dx[c] = quarter
        dx[channels + c] = quarter
        dx[line + c] = quarter
        dx[line + channels + c] = quarter


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """The gradient goes to the first pixel that has the largest value, or in quarters to all."""
    w, channels = memory.workspace, layer.channels
    line = (layer.width + 2 * layer.border) * channels
    line_out = (layer.width // 2 + 2 * layer.target_border) * channels
    inside = layer.border * (line + channels)
    inside_out = layer.target_border * (line_out + channels)
    for row in range(rows):
        image = at(w, layer.source + row * layer.source_size + inside)
        dx = at(w, layer.source_gradient + row * layer.source_size + inside)
        out = at(w, layer.target + row * layer.target_size + inside_out)
        dy = at(w, layer.target_gradient + row * layer.target_size + inside_out)
        clear_odd(layer, dx, line)
        for y in range(layer.height // 2):
            for x in range(layer.width // 2):
                here, there = 2 * y * line + 2 * x * channels, y * line_out + x * channels
                if layer.function == MAX:
                    to_first(
                        at(image, here), line, channels, at(out, there), at(dy, there), at(dx, here)
                    )
                else:
                    to_all(line, channels, at(dy, there), at(dx, here))
