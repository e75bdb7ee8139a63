"""Batch norm per channel, in place (see models.layers.BatchNorm for what is meant).

Sums over the batch are float64, one per channel, in the order of rows and pixels. The whole batch
is in the workspace: a network with batch norm is trained in one block.
"""

import math

import numpy as np

from labbook.engines.compiled.kernels.memory import LAYER, layout
from labbook.engines.compiled.kernels.vector import at, compiled
from labbook.models.layers import EPSILON, MOMENTUM

f, d = np.float32, np.float64


@compiled()
def add_up(layer, rows, values, total):
    """total[c] += the sum of values[..., c]."""
    lines, length, step, lead, images = layout(layer, rows)
    for image in range(images):
        for y in range(lines):
            line = at(values, image * layer.source_size + lead + y * step)
            for pixel in range(length // layer.channels):
                for c in range(layer.channels):
                    total[c] += d(line[pixel * layer.channels + c])


@compiled()
def add_squares(layer, rows, values, mean, total):
    """total[c] += the sum of (values[..., c] - mean[c])^2."""
    lines, length, step, lead, images = layout(layer, rows)
    for image in range(images):
        for y in range(lines):
            line = at(values, image * layer.source_size + lead + y * step)
            for pixel in range(length // layer.channels):
                for c in range(layer.channels):
                    difference = d(line[pixel * layer.channels + c]) - mean[c]
                    total[c] += difference * difference


@compiled()
def join_statistics(memory, layer, count):
    """The batch's mean and variance (divisor n - 1) join the running ones."""
    channels = layer.channels
    mean, variance = memory.sums, at(memory.sums, channels)
    running = at(memory.statistics, layer.statistics)
    kept = 1.0 - MOMENTUM
    for c in range(layer.units):
        running[c] = f(kept * running[c] + MOMENTUM * mean[c])
        if count > 1:
            unbiased = variance[c] * d(count) / d(count - 1)
            running[channels + c] = f(kept * running[channels + c] + MOMENTUM * unbiased)


@compiled()
def normalise(memory, layer, rows):
    """Keep x_hat, and replace x by w x_hat + b."""
    weight, bias = at(memory.weights, layer.weight), at(memory.weights, layer.bias)
    deviation, mean = at(memory.workspace, layer.deviation), memory.sums
    lines, length, step, lead, images = layout(layer, rows)
    for image in range(images):
        for y in range(lines):
            offset = image * layer.source_size + lead + y * step
            for pixel in range(length // layer.channels):
                x = at(memory.workspace, layer.source + offset + pixel * layer.channels)
                kept = at(memory.workspace, layer.kept + offset + pixel * layer.channels)
                for c in range(layer.channels):
                    kept[c] = f(d(x[c]) - mean[c]) * deviation[c]
                    x[c] = weight[c] * kept[c] + bias[c]


@compiled(LAYER)
def forward(memory, layer, rows, first):
    """x_hat = (x - mean) / sqrt(variance + epsilon) is kept; y = w x_hat + b."""
    w, channels = memory.workspace, layer.channels
    mean, variance = memory.sums, at(memory.sums, channels)
    values = at(w, layer.source)
    count = rows * layer.height * layer.width
    for c in range(2 * channels):
        memory.sums[c] = 0.0
    add_up(layer, rows, values, mean)
    for c in range(channels):
        mean[c] /= d(count)
    add_squares(layer, rows, values, mean, variance)
    for c in range(channels):
        variance[c] /= d(count)
        w[layer.deviation + c] = f(1.0 / math.sqrt(variance[c] + EPSILON))
    join_statistics(memory, layer, count)
    normalise(memory, layer, rows)


@compiled(LAYER)
def evaluate(memory, layer, rows, first):
    """Y = w (x - running mean) / sqrt(running variance + epsilon) + b."""
    weight, bias = at(memory.weights, layer.weight), at(memory.weights, layer.bias)
    running, deviation = at(memory.statistics, layer.statistics), memory.sums
    for c in range(layer.channels):
        deviation[c] = 1.0 / math.sqrt(d(running[layer.channels + c]) + EPSILON)
    lines, length, step, lead, images = layout(layer, rows)
    for image in range(images):
        for y in range(lines):
            offset = layer.source + image * layer.source_size + lead + y * step
            for pixel in range(length // layer.channels):
                x = at(memory.workspace, offset + pixel * layer.channels)
                for c in range(layer.channels):
                    x[c] = f((d(x[c]) - d(running[c])) * deviation[c]) * weight[c] + bias[c]


@compiled()
def add_products(memory, layer, rows, total):
    """total[c] += the sum of dy[..., c] x_hat[..., c]."""
    lines, length, step, lead, images = layout(layer, rows)
    for image in range(images):
        for y in range(lines):
            offset = image * layer.source_size + lead + y * step
            for pixel in range(length // layer.channels):
                dy = at(memory.workspace, layer.source_gradient + offset + pixel * layer.channels)
                kept = at(memory.workspace, layer.kept + offset + pixel * layer.channels)
                for c in range(layer.channels):
                    total[c] += d(dy[c]) * d(kept[c])


@compiled()
def gradient_of_source(memory, layer, rows, mean, product):
    """Dx in the place of dy; `mean` of dy and of dy x_hat are given."""
    weight, deviation = at(memory.weights, layer.weight), at(memory.workspace, layer.deviation)
    lines, length, step, lead, images = layout(layer, rows)
    for image in range(images):
        for y in range(lines):
            offset = image * layer.source_size + lead + y * step
            for pixel in range(length // layer.channels):
                dy = at(memory.workspace, layer.source_gradient + offset + pixel * layer.channels)
                kept = at(memory.workspace, layer.kept + offset + pixel * layer.channels)
                for c in range(layer.channels):
                    rest = f(d(dy[c]) - mean[c] - d(kept[c]) * product[c])
                    dy[c] = weight[c] * deviation[c] * rest


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """Db += sum dy; dw += sum dy x_hat; dx = w / std (dy - mean(dy) - x_hat mean(dy x_hat)).

    Ioffe and Szegedy 2015, the equations of section 3 put together.
    """
    channels, count = layer.channels, rows * layer.height * layer.width
    total, product = memory.sums, at(memory.sums, channels)
    for c in range(2 * channels):
        memory.sums[c] = 0.0
    add_up(layer, rows, at(memory.workspace, layer.source_gradient), total)
    add_products(memory, layer, rows, product)
    dw, db = at(memory.gradient, layer.weight), at(memory.gradient, layer.bias)
    for c in range(channels):
        dw[c] += f(product[c])
        db[c] += f(total[c])
        total[c] /= d(count)
        product[c] /= d(count)
    gradient_of_source(memory, layer, rows, total, product)
