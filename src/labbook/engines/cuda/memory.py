"""How much memory a stack needs, known before it is made, and how many runs it so holds.

The number of places of a stack follows from what its runs share, never from how many runs there
are or how much memory is free: shapes choose kernels, kernels choose the order of sums, and so
bits. Runs that find no place wait for one.
"""

import math

import torch

from labbook.engines.cuda.group import Group
from labbook.engines.cuda.inputs import dropout_units
from labbook.engines.optimizers import OPTIMIZERS
from labbook.errors import LabbookError
from labbook.models.layers import Convolution

FLOAT = 4  # bytes
CPU_PLACES = 32  # so that stacks fill whole vectors: the rest of a loop has other bits there
MOST_PLACES = 1024  # as many fill a large GPU even with the smallest networks
STACK_BYTES = 2**30  # of a stack at most: above it a GPU has enough to do anyway
EVALUATION_ROWS = 256  # per forward pass outside training, unless a batch is larger
SHARE = 0.8  # of the free memory: the rest is for cuBLAS, CUDA graphs and the allocator's gaps
CPU_BYTES = 2**32  # for the rows of all splits, where the free memory is not asked for


def places(group: Group, device: torch.device) -> int:
    """How many runs a stack of `group` holds."""
    if device.type == "cpu":
        return CPU_PLACES
    fitting = max(1, min(MOST_PLACES, STACK_BYTES // (step_bytes(group) + epoch_bytes(group))))
    return 1 << (fitting.bit_length() - 1)  # a power of two


def evaluation_rows(group: Group) -> int:
    """Rows per forward pass of the validation part."""
    return min(group.valid_rows, max(group.batch, EVALUATION_ROWS))


def step_bytes(group: Group) -> int:
    """Estimate of the bytes that one run needs during a step.

    Of the weights: themselves, the best, what the optimiser remembers, a copy of both as of the
    last epoch, gradients twice, three intermediate results. Of each layer's output: four times
    (itself, what its gradient needs, the gradient, one in passing); of the patches of a
    convolution three times.
    """
    weights = sum(math.prod(shape) for shape in group.network.weights().values())
    copies = 2 * (1 + OPTIMIZERS[group.optimizer].memories) + 6
    shape, numbers = group.network.inputs, 2 * math.prod(group.network.inputs)
    for layer in group.network.layers.values():
        if isinstance(layer, Convolution):
            numbers += 3 * math.prod(shape) * layer.kernel**2
        shape = layer.output(shape)
        numbers += 4 * math.prod(shape)
    return FLOAT * (copies * weights + max(group.batch, evaluation_rows(group)) * numbers)


def epoch_bytes(group: Group) -> int:
    """Bytes of what one run draws for an epoch: the order of the rows, the masks of dropout."""
    return group.rows * (8 + sum(dropout_units(group.network).values()))


def splits_at_once(group: Group, device: torch.device) -> int:
    """For how many splits the rows fit into memory beside a stack.

    Raises `LabbookError` where there is not one.
    """
    split = FLOAT * (group.rows + group.valid_rows) * (math.prod(group.network.inputs) + 2)
    if device.type == "cpu":
        return max(1, CPU_BYTES // split)
    stack = places(group, device) * (step_bytes(group) + epoch_bytes(group))
    torch.cuda.empty_cache()  # what an earlier stack has left counts as free
    free = int(SHARE * torch.cuda.mem_get_info(device)[0])
    if free < stack + split:
        raise LabbookError(
            f"device cuda: training {group.runs[0].id} needs about {(stack + split) / 2**20:.0f} "
            f"MiB of the GPU's memory, and {free / 2**20:.0f} MiB may be used. Choose a smaller "
            "training.batch or network, end other programs on the GPU, or set device: cpu."
        )
    return (free - stack) // split
