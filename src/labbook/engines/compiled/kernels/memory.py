"""The addresses that all layers work with, under names, and the way through an image's lines."""

from collections import namedtuple

from numba import types
from numba.extending import intrinsic

from labbook.engines.compiled.kernels.vector import INT64, Pointer, compiled, record
from labbook.engines.compiled.operations import ADDRESSES, OPERATION, SETTINGS, STATE

DOUBLES = ("rates", "train_loss", "valid_loss", "gradient_norms", "sums")
Memory = namedtuple("Memory", ADDRESSES)
KINDS = {
    "settings": record(SETTINGS),
    "state": record(STATE),
    "operations": record(OPERATION),
    "order": types.CPointer(types.int32),
    **dict.fromkeys(DOUBLES, types.CPointer(types.float64)),
}
MEMORY = types.NamedTuple([KINDS.get(name, Pointer) for name in ADDRESSES], Memory)
LAYER = types.void(MEMORY, record(OPERATION), types.int64, types.int64)


@intrinsic
def memory_of(typing_context, addresses):
    """The Memory whose addresses lie one after the other in an array of int64."""

    def generate(context, builder, signature, arguments):
        values = []
        for number, kind in enumerate(MEMORY.types):
            place = builder.gep(arguments[0], [INT64(number)], source_etype=INT64)
            values.append(builder.inttoptr(builder.load(place), context.get_value_type(kind)))
        return context.make_tuple(builder, MEMORY, values)

    return MEMORY(addresses), generate


@compiled()
def layout(layer, rows):
    """Lines per image, their length and distance, the first one's offset, and how many images.

    Without a border, all rows of the batch are one line.
    """
    if layer.border == 0:
        return 1, rows * layer.source_size, 0, 0, 1
    step = (layer.width + 2 * layer.border) * layer.channels
    lead = layer.border * (step + layer.channels)
    return layer.height, layer.width * layer.channels, step, lead, rows
