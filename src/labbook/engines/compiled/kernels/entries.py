"""The functions that Python calls, by name."""

from numba import types

from labbook.engines.compiled.kernels import network, training
from labbook.engines.compiled.kernels.memory import memory_of
from labbook.engines.compiled.kernels.vector import (
    FLUSH,
    Pointer,
    at,
    compiled,
    float_mode,
    set_float_mode,
)

i = types.int64
Addresses = types.CPointer(i)


@compiled(types.void(Addresses, i, i))
def advance(addresses, rows, last_epoch):
    """Train for some rows; see training.advance."""
    mode = float_mode()
    set_float_mode(mode | FLUSH)
    training.advance(memory_of(addresses), rows, last_epoch)
    set_float_mode(mode)


@compiled(types.void(Addresses))
def take_up(addresses):
    """Go on after a resumption; see training.take_up."""
    training.take_up(memory_of(addresses))


@compiled(types.void(Addresses, Pointer, Pointer, i))
def predict(addresses, x, outputs, rows):
    """What the network gives for `rows` rows x, in evaluation mode: (rows, outputs)."""
    memory, mode = memory_of(addresses), float_mode()
    settings = memory.settings
    set_float_mode(mode | FLUSH)
    for first in range(0, rows, settings.block):
        count = min(settings.block, rows - first)
        network.load(memory, x, count, first, True)
        network.evaluate(memory, count)
        for row in range(count):
            values = at(memory.workspace, settings.output + row * settings.output_size)
            for c in range(settings.outputs):
                outputs[(first + row) * settings.outputs + c] = values[c]
    set_float_mode(mode)


# Name -> function. Arguments are addresses and int64.
ENTRIES = {"advance": advance, "take_up": take_up, "predict": predict}
