"""One step of training: each block of rows goes forward and back, then the optimiser has its turn.

The state says at which block a step is, so it may stop and go on between any two.
"""

import math

import numpy as np
from numba import types

from labbook.engines.compiled.kernels import network
from labbook.engines.compiled.kernels.losses import loss
from labbook.engines.compiled.kernels.memory import MEMORY
from labbook.engines.compiled.kernels.optimizers import clip, update
from labbook.engines.compiled.kernels.vector import at, compiled, entry


@compiled(types.float64(MEMORY, types.int64, types.int64))
def train_rows(memory, rows, batch):
    """Forward, loss and backward of the next block of the batch; the sum of its losses."""
    settings, state = memory.settings, memory.state
    in_order, start = settings.batch >= settings.rows, state.row + state.done
    network.load(memory, memory.x, rows, start, in_order)
    network.forward(memory, rows, state.done)
    targets = at(memory.workspace, settings.targets)
    for row in range(rows):
        targets[row] = memory.y[start + row if in_order else np.int64(memory.order[start + row])]
    found = loss(
        settings.loss, at(memory.workspace, settings.output), targets,
        at(memory.workspace, settings.output_gradient), rows, settings.output_size,
        settings.outputs, 1.0 / batch,
    )  # fmt: skip
    network.backward(memory, rows)
    return found


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


@compiled(types.int64(MEMORY))
def train_block(memory):
    """The next block of the step that is due; gives the number of its rows."""
    settings, state = memory.settings, memory.state
    batch = min(settings.batch, settings.rows - state.row)
    rows = min(settings.block, batch - state.done)
    if state.done == 0:
        network.turn(memory)
        for i in range(settings.weights):
            memory.gradient[i] = np.float32(0.0)
    state.loss_sum += train_rows(memory, rows, batch)
    state.done += rows
    if state.done == batch:
        state.done = 0
        move_weights(memory, batch)
    return rows
