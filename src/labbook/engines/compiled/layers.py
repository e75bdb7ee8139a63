"""From layers to operations of the machine code: to add a kind of layer, name it here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from labbook.engines.compiled.operations import ACTIVATIONS, KEEPS_SLOPE, NORM_SUMS, POOLINGS
from labbook.engines.compiled.program import Program, pad
from labbook.models import Network
from labbook.models.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    Linear,
    Pooling,
    Powers,
)


def _linear(program: Program, name: str, layer: Linear) -> None:
    source, width = program.stage, pad(layer.outputs)
    weight = program.weight(source.units * width)
    places = np.arange(layer.inputs) if source.places is None else source.places
    program.index[f"{name}.weight"] = weight + places * width + np.arange(layer.outputs)[:, None]
    target = program.next(1, 1, layer.outputs, 0)
    program.add(
        "linear", target, weight=weight, bias=_bias(program, name, layer),
        turned=program.beside(layer.outputs * source.size),
    )  # fmt: skip


def _convolution(program: Program, name: str, layer: Convolution) -> None:
    source, width, kernel = program.stage, pad(layer.outputs), layer.kernel
    size = kernel * kernel * source.channels * width
    weight = program.weight(size)
    o, c, u, v = np.indices((layer.outputs, layer.channels, kernel, kernel))
    place = ((u * kernel + v) * source.channels + c) * width + o
    program.index[f"{name}.weight"] = weight + place
    target = program.next(source.height, source.width, layer.outputs, program.border(name))
    program.add(
        "convolution", target, weight=weight, bias=_bias(program, name, layer), kernel=kernel,
        turned=program.beside(size),
    )  # fmt: skip


def _bias(program: Program, name: str, layer: Linear | Convolution) -> int:
    if not layer.bias:
        return -1
    offset = program.weight(pad(layer.outputs))
    program.index[f"{name}.bias"] = offset + np.arange(layer.outputs)
    return offset


def _norm(program: Program, name: str, layer: BatchNorm) -> None:
    stage, width, statistics = program.stage, pad(layer.size), program.statistics
    weight, bias = program.weight(width), program.weight(width)
    starts = {
        "weight": weight, "bias": bias,
        "running_mean": statistics, "running_var": statistics + width,
    }  # fmt: skip
    for what, start in starts.items():
        program.index[f"{name}.{what}"] = start + np.arange(layer.size)
    program.add(
        "norm", stage, weight=weight, bias=bias, statistics=statistics, sums=program.sums,
        kept=program.per_row(stage.size), deviation=program.beside(width),
    )  # fmt: skip
    program.statistics += 2 * width
    program.sums += NORM_SUMS * width


def _activation(program: Program, name: str, layer: Activation) -> None:
    stage = program.stage
    kept = program.per_row(stage.size) if layer.function in KEEPS_SLOPE else stage.value
    program.add("activation", stage, function=ACTIVATIONS.index(layer.function), kept=kept)


def _dropout(program: Program, name: str, layer: Dropout) -> None:
    stage = program.stage
    program.add(
        "dropout", program.next(1, 1, stage.units, 0), rate=layer.rate,
        kept=program.per_row(stage.size), drawn_before=program.drawn,
    )  # fmt: skip
    program.drawn += stage.units


def _pooling(program: Program, name: str, layer: Pooling) -> None:
    source = program.stage
    height, width = source.height // 2, source.width // 2
    target = program.next(height, width, source.units, program.border(name))
    program.add("pooling", target, function=POOLINGS.index(layer.kind))


def _flatten(program: Program, name: str, layer: Flatten) -> None:
    stage = program.stage
    if stage.gradient < 0:
        return  # the network's input: its rows are flat already
    channel, y, x = np.indices((stage.units, stage.height, stage.width)).reshape(3, -1)
    line = stage.width + 2 * stage.border
    places = ((y + stage.border) * line + x + stage.border) * stage.channels + channel
    size = stage.size
    program.stage = replace(
        stage, height=1, width=1, channels=size, units=size, border=0, places=places
    )


def _powers(program: Program, name: str, layer: Powers) -> None:
    """Nothing: they are computed once, of all rows (arrays.inputs)."""


LAYERS: Mapping[type, Any] = {
    Linear: _linear,
    Convolution: _convolution,
    BatchNorm: _norm,
    Activation: _activation,
    Dropout: _dropout,
    Pooling: _pooling,
    Flatten: _flatten,
    Powers: _powers,
}


def plan(network: Network, batch: int) -> Program:
    """The program of a network whose steps have `batch` rows."""
    program = Program(network, batch)
    for name, layer in network.layers.items():
        LAYERS[type(layer)](program, name, layer)
    return program
