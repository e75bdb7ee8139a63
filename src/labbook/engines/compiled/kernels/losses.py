"""Losses and their gradients: to add one, write it here and name it here and in operations.py.

Each is given the outputs of some rows of a batch, the targets of these rows, and by what a row
counts, by class (where there are classes). It returns the sum of the rows' losses, in float64, and
writes the gradient of the batch's mean loss: `share` is one over the rows of the batch. Class
numbers are float32.
"""

import math

import numpy as np
from numba import types

from labbook.engines.compiled.kernels.elementary import exp
from labbook.engines.compiled.kernels.vector import Pointer, compiled, switch
from labbook.engines.compiled.operations import LOSSES

f, d = np.float32, np.float64
i = types.int64
LOSS = types.float64(Pointer, Pointer, Pointer, Pointer, i, i, i, types.float64)


@compiled(LOSS)
def mse(outputs, targets, weights, gradient, rows, size, classes, share):
    """(output - target)^2; gradient 2 share (output - target)."""
    total, twice = 0.0, f(2.0 * share)
    for row in range(rows):
        error = outputs[row * size] - targets[row]
        gradient[row * size] = twice * error
        total += d(error) * d(error)
    return total


@compiled(LOSS)
def cross_entropy(outputs, targets, weights, gradient, rows, size, classes, share):
    """w (log(sum of exp(o)) - o[target]); gradient share w (softmax(o) - 1 at the target)."""
    total = 0.0
    for row in range(rows):
        target, place = np.int64(targets[row]), row * size
        weight = weights[target]
        part, largest = f(share) * weight, outputs[place]
        for c in range(1, classes):
            largest = max(largest, outputs[place + c])
        powers = f(0.0)
        for c in range(classes):
            gradient[place + c] = exp(outputs[place + c] - largest)
            powers += gradient[place + c]
        for c in range(classes):
            gradient[place + c] *= part / powers
        gradient[place + target] -= part
        own = math.log(d(powers)) - (d(outputs[place + target]) - d(largest))
        total += d(weight) * own
    return total


# loss(number, outputs, targets, weights, gradient, rows, size, classes, share)
loss = switch(LOSSES, {"mse": mse, "cross_entropy": cross_entropy})
