"""A training run from wherever it stands, for some steps: the loop that engines/torch has, too."""

import math

import numpy as np
from numba import types

from labbook.engines.compiled.kernels import network
from labbook.engines.compiled.kernels.losses import loss
from labbook.engines.compiled.kernels.memory import MEMORY
from labbook.engines.compiled.kernels.optimizers import clip, update
from labbook.engines.compiled.kernels.random import permutation
from labbook.engines.compiled.kernels.vector import at, compiled
from labbook.engines.compiled.operations import CONVERGED, DIVERGED, GOES_ON, STOPPED, USED_UP


@compiled(types.void(MEMORY, types.int64, types.int64, types.int64, types.int64))
def train_rows(memory, start, first, rows, batch):
    """Forward, loss and backward of a block: rows start, start + 1, ... of the epoch."""
    settings = memory.settings
    in_order = settings.batch >= settings.rows
    network.load(memory, memory.x, rows, start, in_order)
    network.forward(memory, rows, first)
    targets = at(memory.workspace, settings.targets)
    for row in range(rows):
        targets[row] = memory.y[start + row if in_order else np.int64(memory.order[start + row])]
    memory.state.loss_sum += loss(
        settings.loss, at(memory.workspace, settings.output), targets,
        at(memory.workspace, settings.output_gradient), rows, settings.output_size,
        settings.outputs, 1.0 / batch,
    )  # fmt: skip
    network.backward(memory, rows)


@compiled(types.void(MEMORY))
def step(memory):
    """One batch: forward and backward in blocks that fit the cache, then the optimiser."""
    settings, state = memory.settings, memory.state
    batch = min(settings.batch, settings.rows - state.row)
    for i in range(settings.weights):
        memory.gradient[i] = np.float32(0.0)
    network.turn(memory)
    for first in range(0, batch, settings.block):
        rows = min(settings.block, batch - first)
        train_rows(memory, state.row + first, first, rows, batch)
    if settings.clip > 0.0:
        clip(memory.gradient, settings.weights, settings.clip)
    state.constants.momentum_power *= state.constants.momentum
    state.constants.memory_power *= state.constants.memory
    update(
        settings.optimizer, memory.weights, memory.gradient, memory.first, memory.second,
        settings.weights, state.constants,
    )  # fmt: skip
    state.row += batch
    state.steps += 1


@compiled(types.void(MEMORY))
def order_rows(memory):
    """The order of the rows in the epoch to come; also after a resumption in its middle."""
    settings, epoch = memory.settings, memory.state.epoch + 1
    if settings.batch < settings.rows:
        permutation(memory.order, settings.rows, epoch, settings.order0, settings.order1)


@compiled(types.void(MEMORY))
def start_epoch(memory):
    """Draw the order of the epoch's rows, and look up its rate."""
    state = memory.state
    state.constants.rate = memory.rates[state.epoch]
    state.loss_sum = 0.0
    order_rows(memory)


@compiled(types.float64(MEMORY))
def validate(memory):
    """The mean loss of the validation rows in evaluation mode."""
    settings, total = memory.settings, 0.0
    for first in range(0, settings.valid_rows, settings.block):
        rows = min(settings.block, settings.valid_rows - first)
        network.load(memory, memory.valid_x, rows, first, True)
        network.evaluate(memory, rows)
        total += loss(
            settings.loss, at(memory.workspace, settings.output), at(memory.valid_y, first),
            at(memory.workspace, settings.output_gradient), rows, settings.output_size,
            settings.outputs, 1.0,
        )  # fmt: skip
    return total / settings.valid_rows


@compiled(types.void(MEMORY))
def finish_epoch(memory):
    """Validate, keep the weights if they are the best so far, and see whether the run ends."""
    settings, state = memory.settings, memory.state
    # As float32, like the outputs: what is too large for it counts as infinite.
    train_loss = np.float64(np.float32(state.loss_sum / settings.rows))
    valid_loss = np.float64(np.float32(validate(memory)))
    memory.train_loss[state.epoch], memory.valid_loss[state.epoch] = train_loss, valid_loss
    state.epoch += 1
    state.row = 0
    if valid_loss < state.best_loss:
        state.best_loss, state.best_epoch = valid_loss, state.epoch
        for i in range(settings.weights):
            memory.best[i] = memory.weights[i]
        for i in range(settings.statistics):
            memory.best_statistics[i] = memory.statistics[i]
    if not (math.isfinite(train_loss) and math.isfinite(valid_loss)):
        state.ended = DIVERGED
    elif train_loss < settings.tolerance:
        state.ended = CONVERGED
    elif settings.patience > 0 and state.epoch - state.best_epoch >= settings.patience:
        state.ended = STOPPED
    elif state.epoch == settings.epochs:
        state.ended = USED_UP


@compiled(types.void(MEMORY, types.int64, types.int64))
def advance(memory, steps, last_epoch):
    """Train for `steps` steps at most, to the end of `last_epoch` at most, or until it ends."""
    settings, state = memory.settings, memory.state
    for _ in range(steps):
        if state.ended != GOES_ON or state.epoch >= last_epoch:
            break
        if state.row == 0:
            start_epoch(memory)
        step(memory)
        if state.row == settings.rows:
            finish_epoch(memory)
