"""Optimisers: the formulas of engines/optimizers.py over all weights of a network.

All weights lie in one vector of `count` float32, and so do their gradients and up to two numbers
that are remembered of each. `c` holds the constants of the run and of this step.
"""

import math

import numpy as np
from numba import types

from labbook.engines import optimizers
from labbook.engines.compiled.kernels.vector import Pointer, compiled, fma, record, switch
from labbook.engines.compiled.operations import CONSTANTS, OPTIMIZERS

f = np.float32
STEP = types.void(Pointer, Pointer, Pointer, Pointer, types.int64, record(CONSTANTS))


FORMULAS = optimizers.formulas(compiled(inline=True), fma=fma, sqrt=math.sqrt, single=f)


def over_all_weights(optimizer: optimizers.Optimizer):
    """A step of all weights."""
    numbers = FORMULAS[optimizer.numbers.__name__]
    step = FORMULAS[optimizer.step.__name__]
    if optimizer.memories == 0:

        @compiled(STEP)
        def update(weights, gradient, first, second, count, c):
            n = numbers(c)
            for i in range(count):
                weights[i] = step(weights[i], gradient[i], n)

    elif optimizer.memories == 1:

        @compiled(STEP)
        def update(weights, gradient, first, second, count, c):
            n = numbers(c)
            for i in range(count):
                weights[i], first[i] = step(weights[i], gradient[i], first[i], n)

    else:

        @compiled(STEP)
        def update(weights, gradient, first, second, count, c):
            n = numbers(c)
            for i in range(count):
                weights[i], first[i], second[i] = step(
                    weights[i], gradient[i], first[i], second[i], n
                )

    return update


# update(number, weights, gradient, first, second, count, constants)
update = switch(
    OPTIMIZERS, {name: over_all_weights(optimizers.OPTIMIZERS[name]) for name in OPTIMIZERS}
)


@compiled(types.void(Pointer, types.int64, types.float64))
def clip(gradient, count, largest):
    """Shorten the gradient to norm `largest` where it is longer, as torch's clip_grad_norm_."""
    squares = 0.0
    for i in range(count):
        squares += np.float64(gradient[i]) * np.float64(gradient[i])
    factor = f(min(1.0, largest / (math.sqrt(squares) + 1e-6)))
    for i in range(count):
        gradient[i] *= factor
