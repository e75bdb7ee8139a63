"""Optimisers, one step each: to add one, write it and name it here and in operations.py.

All weights of a network lie in one vector of `count` float32, and so do their gradients and up to
two moments. `c` holds the constants of the run and of this step (operations.py, CONSTANTS). The
formulae are those of torch.optim.
"""

import math

import numpy as np
from numba import types

from labbook.engines.compiled.kernels.switch import switch
from labbook.engines.compiled.kernels.vector import Pointer, compiled, fma, record
from labbook.engines.compiled.operations import CONSTANTS, OPTIMIZERS

f = np.float32
STEP = types.void(Pointer, Pointer, Pointer, Pointer, types.int64, record(CONSTANTS))


@compiled(STEP)
def sgd(weights, gradient, first, second, count, c):
    """With g += decay w: w -= rate g."""
    rate, decay = f(c.rate), f(c.weight_decay)
    for i in range(count):
        weights[i] = fma(-rate, fma(decay, weights[i], gradient[i]), weights[i])


@compiled(STEP)
def momentum(weights, gradient, first, second, count, c):
    """With g += decay w: v = momentum v + g; w -= rate v."""
    rate, decay, kept = f(c.rate), f(c.weight_decay), f(c.momentum)
    for i in range(count):
        g = fma(decay, weights[i], gradient[i])
        first[i] = fma(kept, first[i], g)
        weights[i] = fma(-rate, first[i], weights[i])


@compiled(STEP)
def nesterov(weights, gradient, first, second, count, c):
    """With g += decay w: v = momentum v + g; w -= rate (g + momentum v)."""
    rate, decay, kept = f(c.rate), f(c.weight_decay), f(c.momentum)
    for i in range(count):
        g = fma(decay, weights[i], gradient[i])
        first[i] = fma(kept, first[i], g)
        weights[i] = fma(-rate, fma(kept, first[i], g), weights[i])


@compiled(STEP)
def adagrad(weights, gradient, first, second, count, c):
    """With g += decay w: s += g^2; w -= rate g / (sqrt(s) + epsilon) (Duchi et al. 2011)."""
    rate, decay, epsilon = f(c.rate), f(c.weight_decay), f(c.epsilon)
    for i in range(count):
        g = fma(decay, weights[i], gradient[i])
        second[i] = fma(g, g, second[i])
        weights[i] = fma(-rate, g / (math.sqrt(second[i]) + epsilon), weights[i])


@compiled(STEP)
def rmsprop(weights, gradient, first, second, count, c):
    """With g += decay w: s = a s + (1 - a) g^2; v = momentum v + g / (sqrt(s) + e); w -= rate v.

    Tieleman and Hinton 2012, lecture 6e; a is the memory, e epsilon.
    """
    rate, decay, epsilon = f(c.rate), f(c.weight_decay), f(c.epsilon)
    kept, memory, new = f(c.momentum), f(c.memory), f(1.0 - c.memory)
    for i in range(count):
        g = fma(decay, weights[i], gradient[i])
        second[i] = fma(new * g, g, memory * second[i])
        first[i] = fma(kept, first[i], g / (math.sqrt(second[i]) + epsilon))
        weights[i] = fma(-rate, first[i], weights[i])


@compiled(STEP)
def adam_step(weights, gradient, first, second, count, c):
    """With m += (1 - b1)(g - m); s = b2 s + (1 - b2) g^2; w -= rate m' / (sqrt(s') + epsilon).

    m' = m / (1 - b1^t), s' = s / (1 - b2^t); the powers are kept in c.
    """
    new_first, memory, new_second = f(1.0 - c.momentum), f(c.memory), f(1.0 - c.memory)
    rate = f(c.rate / (1.0 - c.momentum_power))
    scale, epsilon = f(1.0 / math.sqrt(1.0 - c.memory_power)), f(c.epsilon)
    for i in range(count):
        g = gradient[i]
        first[i] = fma(new_first, g - first[i], first[i])
        second[i] = fma(new_second * g, g, memory * second[i])
        weights[i] = fma(-rate, first[i] / fma(math.sqrt(second[i]), scale, epsilon), weights[i])


@compiled(STEP)
def adam(weights, gradient, first, second, count, c):
    """Kingma and Ba 2015, algorithm 1, with decay w joined to the gradient."""
    decay = f(c.weight_decay)
    for i in range(count):
        gradient[i] = fma(decay, weights[i], gradient[i])
    adam_step(weights, gradient, first, second, count, c)


@compiled(STEP)
def adamw(weights, gradient, first, second, count, c):
    """Loshchilov and Hutter 2019, algorithm 2: the weights decay apart from the gradient."""
    kept = f(1.0 - c.rate * c.weight_decay)
    for i in range(count):
        weights[i] *= kept
    adam_step(weights, gradient, first, second, count, c)


FUNCTIONS = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
}
# update(number, weights, gradient, first, second, count, constants)
update = switch(OPTIMIZERS, FUNCTIONS)


@compiled(types.void(Pointer, types.int64, types.float64))
def clip(gradient, count, largest):
    """Shorten the gradient to norm `largest` where it is longer, as torch's clip_grad_norm_."""
    squares = 0.0
    for i in range(count):
        squares += np.float64(gradient[i]) * np.float64(gradient[i])
    factor = f(min(1.0, largest / (math.sqrt(squares) + 1e-6)))
    for i in range(count):
        gradient[i] *= factor
