"""One step of training, in blocks of rows that fit the cache and passes over them.

Nearly always a step is one pass: each block goes forward and back, then the optimiser moves the
weights. Where batch norm's batch comes in parts, passes come before that, each of which adds up
what the next ones need: of each norm, from the first on, mean and variance; then, from the last
on, what its gradient needs. A pass computes anew all that lies before: time is spent, no memory.

The state says at which block of which pass a step is, so it may stop and go on between any two.
"""

import math

import numpy as np
from numba import types

from labbook.engines.compiled.kernels import network, norm
from labbook.engines.compiled.kernels.losses import loss
from labbook.engines.compiled.kernels.memory import MEMORY
from labbook.engines.compiled.kernels.optimizers import clip, update
from labbook.engines.compiled.kernels.vector import at, compiled, entry
from labbook.engines.compiled.operations import KINDS

NORM = KINDS.index("norm")


@compiled(types.void(MEMORY, types.int64, types.int64))
def load_rows(memory, rows, end):
    """Take the next block of the batch through the operations before `end`."""
    settings, state = memory.settings, memory.state
    in_order = settings.batch >= settings.rows
    network.load(memory, memory.x, rows, state.row + state.done, in_order)
    network.forward(memory, rows, state.done, end)


@compiled(types.float64(MEMORY, types.int64, types.int64, types.int64))
def train_rows(memory, rows, batch, end):
    """Forward, loss, and backward down to operation `end`, of a block; the sum of its losses."""
    settings, state = memory.settings, memory.state
    load_rows(memory, rows, settings.operations)
    in_order, start = settings.batch >= settings.rows, state.row + state.done
    targets = at(memory.workspace, settings.targets)
    for row in range(rows):
        targets[row] = memory.y[start + row if in_order else np.int64(memory.order[start + row])]
    found = loss(
        settings.loss, at(memory.workspace, settings.output), targets,
        at(memory.workspace, settings.output_gradient), rows, settings.output_size,
        settings.outputs, 1.0 / batch,
    )  # fmt: skip
    network.backward(memory, rows, end)
    return found


@compiled(types.int64(MEMORY, types.int64))
def place_of_norm(memory, number):
    """The place of norm `number` among the operations."""
    for place in range(memory.settings.operations):
        if entry(memory.operations, place).kind == NORM:
            if number == 0:
                return place
            number -= 1
    return -1


@compiled(types.void(MEMORY, types.int64, types.int64))
def measure(memory, rows, batch):
    """A block of a pass that adds up a norm's mean, variance or gradient."""
    settings, state = memory.settings, memory.state
    if state.passes < 2 * settings.norms:
        number, what = state.passes // 2, state.passes % 2
    else:
        number, what = 3 * settings.norms - 1 - state.passes, norm.GRADIENT
    place = place_of_norm(memory, number)
    layer = entry(memory.operations, place)
    if state.done == 0:
        norm.start(memory, layer, what)
    if what == norm.GRADIENT:
        train_rows(memory, rows, batch, place + 1)
    else:
        load_rows(memory, rows, place)
    norm.add(memory, layer, rows, what)
    if state.done + rows == batch:
        norm.finish(memory, layer, batch, what)


@compiled(types.void(MEMORY))
def clear_gradient(memory):
    """Before the last pass: nothing is added up, but for norms whose sums are known."""
    settings = memory.settings
    for i in range(settings.weights):
        memory.gradient[i] = np.float32(0.0)
    for number in range(settings.norms):
        norm.gradient_of_weight(memory, entry(memory.operations, place_of_norm(memory, number)))


@compiled(types.void(MEMORY))
def note_norms(memory):
    """Add the norm of each layer's gradient to the epoch's sum.

    A layer's weights lie side by side, in the order of the layers; padding is 0.
    """
    settings, state = memory.settings, memory.state
    sums = at(memory.gradient_norms, state.epoch * settings.norm_layers)
    end, number = settings.weights, settings.norm_layers
    for place in range(settings.operations - 1, -1, -1):
        layer = entry(memory.operations, place)
        if layer.weight >= 0:
            number -= 1
            squares = 0.0
            for i in range(layer.weight, end):
                squares += np.float64(memory.gradient[i]) * np.float64(memory.gradient[i])
            sums[number] += math.sqrt(squares)
            end = layer.weight


@compiled(types.void(MEMORY, types.int64))
def move_weights(memory, batch):
    """The gradient of the batch is whole: an optimiser step."""
    settings, state = memory.settings, memory.state
    if settings.norm_layers > 0:
        note_norms(memory)
    if settings.clip > 0.0:
        clip(memory.gradient, settings.weights, settings.clip)
    state.constants.beta1_power *= state.constants.beta1
    state.constants.beta2_power *= state.constants.beta2
    update(
        settings.optimizer, memory.weights, memory.gradient, memory.first, memory.second,
        settings.weights, state.constants,
    )  # fmt: skip
    state.row += batch
    state.steps += 1
    state.passes = 0


@compiled(types.int64(MEMORY))
def train_block(memory):
    """The next block of the step that is due; gives the number of its rows."""
    settings, state = memory.settings, memory.state
    batch = min(settings.batch, settings.rows - state.row)
    rows = min(settings.block, batch - state.done)
    last = state.passes == 3 * settings.norms
    if state.done == 0 and state.passes == 0:
        network.turn(memory)
    if last:
        if state.done == 0:
            clear_gradient(memory)
        state.loss_sum += train_rows(memory, rows, batch, 0)
    else:
        measure(memory, rows, batch)
    state.done += rows
    if state.done == batch:
        state.done = 0
        if last:
            move_weights(memory, batch)
        else:
            state.passes += 1
    return rows
