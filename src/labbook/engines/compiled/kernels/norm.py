"""Batch norm per channel, in place (see models.layers.BatchNorm for what is meant).

Sums over the batch are float64, one per channel, in the order of rows and pixels, and lie in
memory.sums. Where the whole batch is in the workspace, they are made on the way. Where it comes in
parts (settings.norms > 0), each sum needs a pass over the blocks of its own: see step.py.
"""

import math

import numpy as np

from labbook.engines.compiled.kernels.memory import LAYER, layout
from labbook.engines.compiled.kernels.vector import at, compiled
from labbook.models.layers import EPSILON, MOMENTUM

f, d = np.float32, np.float64
MEAN, VARIANCE, GRADIENT = range(3)  # what is added up, in this order: each needs those before


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
def start(memory, layer, what):
    """Nothing is added up yet."""
    channels = layer.channels
    first, end = layer.sums + what * channels, layer.sums + (what + 1) * channels
    if what == GRADIENT:
        end += channels
    for i in range(first, end):
        memory.sums[i] = 0.0


@compiled()
def add(memory, layer, rows, what):
    """Add what a block of rows gives to a sum over the batch."""
    w, channels, mean = memory.workspace, layer.channels, at(memory.sums, layer.sums)
    if what == MEAN:
        add_up(layer, rows, at(w, layer.source), mean)
    elif what == VARIANCE:
        add_squares(layer, rows, at(w, layer.source), mean, at(mean, channels))
    else:
        add_up(layer, rows, at(w, layer.source_gradient), at(mean, 2 * channels))
        add_products(memory, layer, rows, at(mean, 3 * channels))


@compiled()
def finish(memory, layer, batch, what):
    """From the sums over the batch to means; with its variance it joins the running statistics."""
    channels, count = layer.channels, batch * layer.height * layer.width
    sums = at(memory.sums, layer.sums)
    if what == GRADIENT:
        for c in range(2 * channels):
            sums[4 * channels + c] = sums[2 * channels + c] / d(count)
    else:
        for c in range(channels):
            sums[what * channels + c] /= d(count)
        if what == VARIANCE:
            join_statistics(memory, layer, count)


@compiled()
def gradient_of_weight(memory, layer):
    """Db += sum dy; dw += sum dy x_hat."""
    total = at(memory.sums, layer.sums + 2 * layer.channels)
    dw, db = at(memory.gradient, layer.weight), at(memory.gradient, layer.bias)
    for c in range(layer.channels):
        dw[c] += f(total[layer.channels + c])
        db[c] += f(total[c])


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
    mean = at(memory.sums, layer.sums + 4 * layer.channels)
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
    if memory.settings.norms == 0:  # the whole batch is here
        for what in (MEAN, VARIANCE):
            start(memory, layer, what)
            add(memory, layer, rows, what)
            finish(memory, layer, rows, what)
    normalise(memory, layer, rows)


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """Db += sum dy; dw += sum dy x_hat; dx = w / std (dy - mean(dy) - x_hat mean(dy x_hat)).

    Ioffe and Szegedy 2015, the equations of section 3 put together.
    """
    if memory.settings.norms == 0:
        start(memory, layer, GRADIENT)
        add(memory, layer, rows, GRADIENT)
        finish(memory, layer, rows, GRADIENT)
        gradient_of_weight(memory, layer)
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
