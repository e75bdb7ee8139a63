"""The convolution: a matrix product over windows, without copying them.

W is stored as (kernel row u, kernel column v, channels, outputs), both padded. Of a line of an
image, the window of pixel x is kernel * channels numbers side by side, from x * channels on; the
border of zeros lies in memory. So with row r = pixel x, j = u and k = (v, channel) a line of the
output is one product (tile.tile).
"""

from labbook.engines.compiled.kernels.memory import LAYER
from labbook.engines.compiled.kernels.product import product
from labbook.engines.compiled.kernels.vector import at, compiled


@compiled(LAYER)
def forward(memory, layer, rows, first):
    """y[x, o] = b[o] + sum over u, v, c of image[y + u, x + v, c] W[u, v, c, o], line by line."""
    w, kernel = memory.workspace, layer.kernel
    channels, width = layer.channels, layer.target_channels
    line, window = (layer.width + 2 * layer.border) * channels, kernel * channels
    line_out = (layer.width + 2 * layer.target_border) * width
    inside = layer.target_border * (line_out + width)
    weight = at(memory.weights, layer.weight)
    bias = at(memory.weights, layer.bias) if layer.bias >= 0 else at(w, memory.settings.zeros)
    for row in range(rows):
        image = at(w, layer.source + row * layer.source_size)
        out = at(w, layer.target + row * layer.target_size + inside)
        for y in range(layer.height):
            product(
                at(image, y * line), channels, line, 1,
                weight, window * width, width, kernel, window,
                bias, 0, at(out, y * line_out), width, layer.width, width,
            )  # fmt: skip


@compiled()
def gradient_of_weight(memory, layer, rows):
    """dW[u, v, c, o] += sum over pixels of image[y + u, x + v, c] dy[y, x, o]; db += sum of dy."""
    w, kernel = memory.workspace, layer.kernel
    channels, width = layer.channels, layer.target_channels
    line, window = (layer.width + 2 * layer.border) * channels, kernel * channels
    line_out = (layer.width + 2 * layer.target_border) * width
    inside = layer.target_border * (line_out + width)
    for row in range(rows):
        image = at(w, layer.source + row * layer.source_size)
        dy = at(w, layer.target_gradient + row * layer.target_size + inside)
        for u in range(kernel):
            dw = at(memory.gradient, layer.weight + u * window * width)
            product(
                at(image, u * line), 1, line, channels,
                dy, line_out, width, layer.height, layer.width,
                dw, width, dw, width, window, width,
            )  # fmt: skip
        if layer.bias >= 0:
            db, ones = at(memory.gradient, layer.bias), at(w, memory.settings.ones)
            product(
                ones, 0, 0, 0, dy, line_out, width, layer.height, layer.width,
                db, 0, db, 0, 1, width,
            )  # fmt: skip


@compiled()
def gradient_of_source(memory, layer, rows):
    """dx[y, x, c] = sum over u, v, o of dy[y + b - u, x + b - v, o] W[u, v, c, o], b the border.

    That is the forward product of dy with the kernel turned by half a circle (see turn).
    """
    w, kernel = memory.workspace, layer.kernel
    channels, width = layer.channels, layer.target_channels
    line_out, window = (layer.width + 2 * layer.target_border) * width, kernel * width
    line = (layer.width + 2 * layer.border) * channels
    inside = layer.border * (line + channels)
    zeros = at(w, memory.settings.zeros)
    for row in range(rows):
        dy = at(w, layer.target_gradient + row * layer.target_size)
        dx = at(w, layer.source_gradient + row * layer.source_size + inside)
        for y in range(layer.height):
            product(
                at(dy, y * line_out), width, line_out, 1,
                at(w, layer.turned), window * channels, channels, kernel, window,
                zeros, 0, at(dx, y * line), channels, layer.width, channels,
            )  # fmt: skip


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """Gradients of W and b, added up, and of the source."""
    gradient_of_weight(memory, layer, rows)
    if layer.source_gradient >= 0:
        gradient_of_source(memory, layer, rows)


@compiled(LAYER)
def turn(memory, layer, rows, first):
    """Write turned[u, v, o, c] = W[-u, -v, c, o] for the way back of the step to come."""
    kernel, channels, width = layer.kernel, layer.channels, layer.target_channels
    for place in range(kernel * kernel):
        here = at(memory.workspace, layer.turned + place * width * channels)
        there = at(memory.weights, layer.weight + (kernel * kernel - 1 - place) * channels * width)
        for output in range(width):
            for channel in range(channels):
                here[output * channels + channel] = there[channel * width + output]
