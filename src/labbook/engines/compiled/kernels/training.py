"""A training run from wherever it stands, block by block: the loop that engines/torch has, too.

The state says at which block a step or a validation is, so it may stop and go on between any two.
"""

import math

import numpy as np
from numba import types

from labbook.engines.compiled.kernels import network
from labbook.engines.compiled.kernels.losses import loss
from labbook.engines.compiled.kernels.memory import MEMORY
from labbook.engines.compiled.kernels.optimizers import clip, update
from labbook.engines.compiled.kernels.random import permutation
from labbook.engines.compiled.kernels.vector import at, compiled, entry
from labbook.engines.compiled.operations import (
    CONVERGED,
    DIVERGED,
    GOES_ON,
    STALLED,
    STOPPED,
    USED_UP,
)
from labbook.training.stopping import MARGIN


@compiled(types.void(MEMORY))
def order_rows(memory):
    """The order of the rows in the epoch to come; also after a resumption in its middle."""
    settings, epoch = memory.settings, memory.state.epoch + 1
    if settings.batch < settings.rows:
        permutation(memory.order, settings.rows, epoch, settings.order0, settings.order1)


@compiled(types.void(MEMORY))
def take_up(memory):
    """After a resumption: make again what follows from the state, and is not saved."""
    order_rows(memory)
    network.turn(memory)


@compiled(types.void(MEMORY))
def start_epoch(memory):
    """Draw the order of the epoch's rows, and look up its rate."""
    settings, state = memory.settings, memory.state
    state.constants.rate = memory.rates[state.epoch]
    state.loss_sum = state.valid_sum = 0.0
    for layer in range(settings.norm_layers):
        memory.gradient_norms[state.epoch * settings.norm_layers + layer] = 0.0
    order_rows(memory)


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
        settings.loss, at(memory.workspace, settings.output), targets, memory.class_weights,
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


@compiled(types.int64(MEMORY))
def validate_block(memory):
    """Add the losses of the next validation rows, in evaluation mode; gives their number."""
    settings, state = memory.settings, memory.state
    first = state.valid_row
    rows = min(settings.block, settings.valid_rows - first)
    network.load(memory, memory.valid_x, rows, first, True)
    network.evaluate(memory, rows)
    state.valid_sum += loss(
        settings.loss, at(memory.workspace, settings.output), at(memory.valid_y, first),
        at(memory.class_weights, settings.outputs),  # all 1 there
        at(memory.workspace, settings.output_gradient), rows, settings.output_size,
        settings.outputs, 1.0,
    )  # fmt: skip
    state.valid_row += rows
    return rows


@compiled(types.boolean(MEMORY))
def has_stalled(memory):
    """As training.stopping.is_stalled: the best training loss has not moved for some epochs."""
    epoch, patience = memory.state.epoch, memory.settings.stalled
    if patience == 0 or epoch <= patience:
        return False
    before = last = np.inf
    for past in range(epoch - patience):
        before = min(before, memory.train_loss[past])
    for past in range(epoch - patience, epoch):
        last = min(last, memory.train_loss[past])
    return last >= before * (1.0 - MARGIN)


@compiled(types.void(MEMORY, types.float64, types.float64))
def see_whether_it_ends(memory, train_loss, valid_loss):
    """As training.stopping.ended_early."""
    settings, state = memory.settings, memory.state
    if not (math.isfinite(train_loss) and math.isfinite(valid_loss)):
        state.ended = DIVERGED
    elif train_loss < settings.tolerance:
        state.ended = CONVERGED
    elif settings.patience > 0 and state.epoch - state.best_epoch >= settings.patience:
        state.ended = STOPPED
    elif has_stalled(memory):
        state.ended = STALLED
    elif state.epoch == settings.epochs:
        state.ended = USED_UP


@compiled(types.void(MEMORY))
def finish_epoch(memory):
    """Note the losses, keep the weights if they are the best so far; perhaps the run ends."""
    settings, state = memory.settings, memory.state
    # As float32, like the outputs: what is too large for it counts as infinite.
    train_loss = np.float64(np.float32(state.loss_sum / settings.rows))
    valid_loss = np.float64(np.float32(state.valid_sum / settings.valid_rows))
    memory.train_loss[state.epoch], memory.valid_loss[state.epoch] = train_loss, valid_loss
    steps = (settings.rows + settings.batch - 1) // settings.batch
    for layer in range(settings.norm_layers):
        memory.gradient_norms[state.epoch * settings.norm_layers + layer] /= steps
    state.epoch += 1
    state.row = state.valid_row = 0
    if valid_loss < state.best_loss:
        state.best_loss, state.best_epoch = valid_loss, state.epoch
        for i in range(settings.weights):
            memory.best[i] = memory.weights[i]
        for i in range(settings.statistics):
            memory.best_statistics[i] = memory.statistics[i]
    see_whether_it_ends(memory, train_loss, valid_loss)


@compiled(types.void(MEMORY, types.int64, types.int64))
def advance(memory, rows, last_epoch):
    """Train or validate `rows` rows or a few more, to the end of `last_epoch` at most.

    It stops between two blocks, wherever that is: in the middle of a step, or of validation.
    """
    settings, state = memory.settings, memory.state
    while rows > 0 and state.ended == GOES_ON and state.epoch < last_epoch:
        if state.row == 0 and state.done == 0:
            start_epoch(memory)
        if state.row < settings.rows:
            rows -= train_block(memory)
        else:
            rows -= validate_block(memory)
        if state.row == settings.rows and state.valid_row == settings.valid_rows:
            finish_epoch(memory)
