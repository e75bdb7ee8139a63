"""Batch norm per channel, in place (see models.layers.BatchNorm for what is meant).

The whole batch is in the workspace. Sums over it are float64, one per channel, in the order of
rows and pixels, and lie in memory.sums: mean, variance, sum of dy and of dy x_hat.
"""

import math

import numpy as np

from labbook.engines.compiled.kernels.memory import LAYER, layout
from labbook.engines.compiled.kernels.vector import at, compiled
from labbook.models.layers import EPSILON, MOMENTUM

f, d = np.float32, np.float64


@compiled()
def clear(total, count):
    """Nothing is added up yet."""
    for i in range(count):
        total[i] = 0.0


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
def join_statistics(memory, layer, count):
    """The batch's mean and variance (divisor n - 1) join the running ones."""
    channels = layer.channels
    mean = at(memory.sums, layer.sums)
    variance = at(mean, channels)
    running = at(memory.statistics, layer.statistics)
    kept = 1.0 - MOMENTUM
    for c in range(layer.units):
        running[c] = f(kept * running[c] + MOMENTUM * mean[c])
        if count > 1:
            unbiased = variance[c] * d(count) / d(count - 1)
            running[channels + c] = f(kept * running[channels + c] + MOMENTUM * unbiased)


@compiled()
def measure(memory, layer, rows):
    """Mean and variance of the batch, which join the running statistics."""
    channels, count = layer.channels, rows * layer.height * layer.width
    values, mean = at(memory.workspace, layer.source), at(memory.sums, layer.sums)
    variance = at(mean, channels)
    clear(mean, 2 * channels)
    add_up(layer, rows, values, mean)
    for c in range(channels):
        mean[c] /= d(count)
    add_squares(layer, rows, values, mean, variance)
    for c in range(channels):
        variance[c] /= d(count)
    join_statistics(memory, layer, count)


@compiled()
def gradient_of_weight(memory, layer, rows):
    """Db += sum dy; dw += sum dy x_hat. The sums become the means that dx needs."""
    channels, count = layer.channels, rows * layer.height * layer.width
    total = at(memory.sums, layer.sums + 2 * channels)
    product = at(total, channels)
    clear(total, 2 * channels)
    add_up(layer, rows, at(memory.workspace, layer.source_gradient), total)
    add_products(memory, layer, rows, product)
    dw, db = at(memory.gradient, layer.weight), at(memory.gradient, layer.bias)
    for c in range(channels):
        dw[c] += f(product[c])
        db[c] += f(total[c])
        total[c] /= d(count)
        product[c] /= d(count)


@compiled()
def normalise(memory, layer, rows):
    """Keep x_hat, and replace x by w x_hat + b."""
    weight, bias = at(memory.weights, layer.weight), at(memory.weights, layer.bias)
    deviation, mean = at(memory.workspace, layer.deviation), at(memory.sums, layer.sums)
    variance = at(mean, layer.channels)
    for c in range(layer.channels):
        deviation[c] = f(1.0 / math.sqrt(variance[c] + EPSILON))
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


@compiled()
def gradient_of_source(memory, layer, rows):
    """Dx in the place of dy, of which the means over the batch are known."""
    mean = at(memory.sums, layer.sums + 2 * layer.channels)
    product = at(mean, layer.channels)
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
def forward(memory, layer, rows, first):
    """x_hat = (x - mean) / sqrt(variance + epsilon) is kept; y = w x_hat + b."""
    measure(memory, layer, rows)
    normalise(memory, layer, rows)


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """Db += sum dy; dw += sum dy x_hat; dx = w / std (dy - mean(dy) - x_hat mean(dy x_hat)).

    Ioffe and Szegedy 2015, the equations of section 3 put together.
    """
    gradient_of_weight(memory, layer, rows)
    gradient_of_source(memory, layer, rows)


@compiled(LAYER)
def evaluate(memory, layer, rows, first):
    """Y = w (x - running mean) / sqrt(running variance + epsilon) + b."""
    weight, bias = at(memory.weights, layer.weight), at(memory.weights, layer.bias)
    running = at(memory.statistics, layer.statistics)
    deviation = at(memory.sums, layer.sums)
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
