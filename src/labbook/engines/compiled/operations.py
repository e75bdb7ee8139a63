"""What Python and the machine code agree upon: numbers of names, and the layout of records.

A name's number is its place in its tuple. Those of params.yaml come from labbook.params.
"""

from itertools import chain
from typing import get_args

import numpy as np

from labbook.params.models import Activation
from labbook.params.settings import SETTINGS_OF

ACTIVATIONS: tuple[str, ...] = get_args(Activation)
KEEPS_SLOPE = ("silu", "gelu")  # their slope does not follow from their value: it is kept
OPTIMIZERS = tuple(SETTINGS_OF["optimizer"])
LOSSES = ("mse", "cross_entropy")
KINDS = ("linear", "convolution", "pooling", "norm", "activation", "dropout")
POOLINGS = ("max", "average")
# What batch norm adds up, each for all channels: mean, variance, dy and dy x_hat.
NORM_SUMS = 4


# One step of the forward pass. Offsets and sizes count float32. Of a batch, a row of a table is
# one pixel; an image lies as (height, width, channels) with `border` zero pixels around it.
# Channels are padded with zeros to a multiple of 16, but for the network's input.
OPERATION = np.dtype(
    [
        *((name, np.int64) for name in (
            "kind",  # number in KINDS
            "function",  # number in ACTIVATIONS or POOLINGS
            "source",  # offset of the values that go in, in the workspace
            "target",  # offset of those that come out; `source` where they replace them
            "source_gradient",  # offsets of their gradients, -1 for that of the network's input
            "target_gradient",
            "kept",  # offset of what else the way back needs, -1 where nothing
            "weight",  # offset in the vector of weights
            "bias",  # offset there, -1 where there is none
            "turned",  # offset of the transposed weights in the workspace, -1 where none
            "deviation",  # batch norm: offset of 1 / standard deviation in the workspace
            "statistics",  # offset of running mean and variance in the vector of statistics
            "sums",  # batch norm: offset of its NORM_SUMS sums per channel
            "height", "width", "channels", "border", "units",  # of the source; units: not padded
            "source_size",  # floats of one row of the batch, all pixels with the border
            "target_channels", "target_border", "target_units", "target_size",
            "kernel",
            "drawn_before",  # dropout: units of the dropout layers before this one
        )),
        ("rate", np.float64),  # of dropout
    ]
)  # fmt: skip
# What never changes in a run.
SETTINGS = np.dtype(
    [
        *(
            (name, np.int64)
            for name in (
                "operations", "block",  # rows that go through the network together
                "rows", "valid_rows", "batch", "epochs", "patience", "stalled",
                "optimizer", "loss",
                "weights", "statistics",  # lengths of these vectors
                "drawn",  # units of all dropout layers
                "input_size",  # floats of a row of the data
                "targets",  # offset in the workspace: the targets of a block
                "output", "output_gradient", "output_size", "outputs",
                "zeros", "ones",  # offsets of constants in the workspace
                "norm_layers",  # layers whose gradient's norm is asked for
            )
        ),
        *((name, np.uint64) for name in ("order0", "order1", "dropout0", "dropout1")),  # keys
        *((name, np.float64) for name in ("tolerance", "clip")),  # 0 where there is none
    ]
)  # fmt: skip
# Constants of an optimiser: the settings of its block, 0 for those of others, and two of them to
# the power of the number of steps done.
CONSTANTS = np.dtype(
    [
        (name, np.float64)
        for name in dict.fromkeys(
            [*chain(*SETTINGS_OF["optimizer"].values()), "beta1_power", "beta2_power"]
        )
    ]
)
# Where a run is, perhaps in the middle of a step: with the vectors of weights and the gradient,
# all that a checkpoint holds.
STATE = np.dtype(
    [
        *((name, np.int64) for name in (
            "epoch", "row",  # whole epochs; rows of the epoch whose steps are whole
            "done",  # rows of the batch that have gone there and back
            "valid_row",  # rows that validation has done
            "steps", "best_epoch", "ended",
        )),
        *((name, np.float64) for name in ("loss_sum", "valid_sum", "best_loss")),
        ("constants", CONSTANTS),
    ]
)  # fmt: skip
# The arrays of a run, in the order in which their addresses are handed over. See arrays.py.
ADDRESSES = (
    "settings", "state", "operations", "workspace", "weights", "gradient", "first", "second",
    "best", "statistics", "best_statistics", "x", "y", "valid_x", "valid_y", "order", "rates",
    "train_loss", "valid_loss", "gradient_norms", "sums", "class_weights",
)  # fmt: skip
DRAWS = 64  # room behind the order of the rows, for the numbers that it is drawn with
GOES_ON, DIVERGED, CONVERGED, STOPPED, STALLED, USED_UP = range(6)  # what STATE.ended says
