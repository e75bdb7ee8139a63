"""The linear layer: y = x W + b, W stored as (inputs, outputs padded to 16)."""

from labbook.engines.compiled.kernels.memory import LAYER
from labbook.engines.compiled.kernels.product import product
from labbook.engines.compiled.kernels.vector import at, compiled


@compiled(LAYER)
def forward(memory, layer, rows, first):
    """Targets (rows, outputs) = sources (rows, inputs) times W, plus the bias."""
    w, weights, width = memory.workspace, memory.weights, layer.target_channels
    bias = at(weights, layer.bias) if layer.bias >= 0 else at(w, memory.settings.zeros)
    product(
        at(w, layer.source), layer.source_size, 0, 1,
        at(weights, layer.weight), 0, width, 1, layer.units,
        bias, 0, at(w, layer.target), width, rows, width,
    )  # fmt: skip


@compiled(LAYER)
def backward(memory, layer, rows, first):
    """DW += x' dy, db += 1' dy, dx = dy W'."""
    w, settings, width = memory.workspace, memory.settings, layer.target_channels
    dy, size = at(w, layer.target_gradient), layer.source_size
    dw = at(memory.gradient, layer.weight)
    product(
        at(w, layer.source), 1, 0, size, dy, 0, width, 1, rows,
        dw, width, dw, width, layer.units, width,
    )  # fmt: skip
    if layer.bias >= 0:
        db = at(memory.gradient, layer.bias)
        ones = at(w, settings.ones)
        product(ones, 0, 0, 0, dy, 0, width, 1, rows, db, 0, db, 0, 1, width)
    if layer.source_gradient >= 0:
        product(
            dy, width, 0, 1,
            at(w, layer.turned), 0, size, 1, layer.target_units,
            at(w, settings.zeros), 0, at(w, layer.source_gradient), size, rows, size,
        )  # fmt: skip


@compiled(LAYER)
def turn(memory, layer, rows, first):
    """Write W' (outputs, inputs) for the way back of the step to come."""
    weights, turned = at(memory.weights, layer.weight), at(memory.workspace, layer.turned)
    size, width = layer.source_size, layer.target_channels
    for output in range(layer.target_units):
        row = at(turned, output * size)
        for i in range(layer.units):
            row[i] = weights[i * width + output]
