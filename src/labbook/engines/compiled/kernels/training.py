"""A training run from wherever it stands, block by block: the loop that engines/torch has, too."""

import math

import numpy as np
from numba import types

from labbook.engines.compiled.kernels import network
from labbook.engines.compiled.kernels.losses import loss
from labbook.engines.compiled.kernels.memory import MEMORY
from labbook.engines.compiled.kernels.random import permutation
from labbook.engines.compiled.kernels.step import train_block
from labbook.engines.compiled.kernels.vector import at, compiled
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
