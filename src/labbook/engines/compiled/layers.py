"""From each kind of layer to its operation in the machine code: to add one, name it here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from labbook.engines.compiled.layout import Layout, PerRow, pad
from labbook.engines.compiled.operations import ACTIVATIONS, KEEPS_SLOPE, NORM_SUMS, POOLINGS
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


def _linear(layout: Layout, name: str, layer: Linear) -> None:
    source, width = layout.stage, pad(layer.outputs)
    weight = layout.weight(source.units * width)
    places = np.arange(layer.inputs) if source.places is None else source.places
    layout.index[f"{name}.weight"] = weight + places * width + np.arange(layer.outputs)[:, None]
    target = layout.next(1, 1, layer.outputs, 0)
    layout.add(
        "linear", target, weight=weight, bias=_bias(layout, name, layer),
        turned=layout.beside(layer.outputs * source.size),
    )  # fmt: skip


def _convolution(layout: Layout, name: str, layer: Convolution) -> None:
    source, width, kernel = layout.stage, pad(layer.outputs), layer.kernel
    size = kernel * kernel * source.channels * width
    weight = layout.weight(size)
    o, c, u, v = np.indices((layer.outputs, layer.channels, kernel, kernel))
    place = ((u * kernel + v) * source.channels + c) * width + o
    layout.index[f"{name}.weight"] = weight + place
    target = layout.next(source.height, source.width, layer.outputs, layout.border(name))
    layout.add(
        "convolution", target, weight=weight, bias=_bias(layout, name, layer), kernel=kernel,
        turned=layout.beside(size),
    )  # fmt: skip


def _bias(layout: Layout, name: str, layer: Linear | Convolution) -> int:
    if not layer.bias:
        return -1
    offset = layout.weight(pad(layer.outputs))
    layout.index[f"{name}.bias"] = offset + np.arange(layer.outputs)
    return offset


def _norm(layout: Layout, name: str, layer: BatchNorm) -> None:
    stage, width = layout.stage, pad(layer.size)
    weight, bias = layout.weight(width), layout.weight(width)
    starts = {
        "weight": weight, "bias": bias,
        "running_mean": layout.statistics, "running_var": layout.statistics + width,
    }  # fmt: skip
    for what, start in starts.items():
        layout.index[f"{name}.{what}"] = start + np.arange(layer.size)
    layout.add(
        "norm", stage, weight=weight, bias=bias, statistics=layout.statistics,
        kept=PerRow(layout.per_row(stage.size)), deviation=layout.beside(width),
        sums=layout.sum(NORM_SUMS * width),
    )  # fmt: skip
    layout.statistics += 2 * width


def _activation(layout: Layout, name: str, layer: Activation) -> None:
    stage, keeps = layout.stage, layer.function in KEEPS_SLOPE
    kept = layout.per_row(stage.size) if keeps else stage.value
    layout.add(
        "activation", stage, function=ACTIVATIONS.index(layer.function),
        kept=PerRow(kept),
    )  # fmt: skip


def _dropout(layout: Layout, name: str, layer: Dropout) -> None:
    stage = layout.stage
    layout.add(
        "dropout", layout.next(1, 1, stage.units, 0), rate=layer.rate,
        kept=PerRow(layout.per_row(stage.size)), drawn_before=layout.drawn,
    )  # fmt: skip
    layout.drawn += stage.units


def _pooling(layout: Layout, name: str, layer: Pooling) -> None:
    source = layout.stage
    height, width = source.height // 2, source.width // 2
    target = layout.next(height, width, source.units, layout.border(name))
    layout.add("pooling", target, function=POOLINGS.index(layer.kind))


def _flatten(layout: Layout, name: str, layer: Flatten) -> None:
    stage = layout.stage
    if stage.gradient < 0:
        return  # the network's input: its rows are flat already
    channel, y, x = np.indices((stage.units, stage.height, stage.width)).reshape(3, -1)
    line = stage.width + 2 * stage.border
    places = ((y + stage.border) * line + x + stage.border) * stage.channels + channel
    size = stage.size
    layout.stage = replace(
        stage, height=1, width=1, channels=size, units=size, border=0, places=places
    )


def _powers(layout: Layout, name: str, layer: Powers) -> None:
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
