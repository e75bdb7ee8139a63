"""Layers and networks as plain descriptions: each engine makes of them what it computes with.

A layer says which weights it has, which shape comes out, and in NumPy (`forward`, evaluation mode)
what it computes. Shapes are those of one row, without the batch. A weight's name is
`<layer>.<name>`, its shape that of torch's state_dict, in every engine and every run file.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

Shape = tuple[int, ...]
Weights = Mapping[str, np.ndarray]

MOMENTUM = 0.1  # of batch norm: running = (1 - MOMENTUM) running + MOMENTUM of the batch, as torch
EPSILON = 1e-5  # of batch norm, joins the variance


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))


def _gelu(x: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return np.asarray(x * ndtr(x))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "silu": lambda x: x * _sigmoid(x),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "gelu": _gelu,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
}


class Layer:
    """A layer without weights that keeps the shape; what differs, a kind of layer says itself."""

    START: ClassVar[dict[str, float]] = {}  # weights and buffers that are not drawn at random

    def weights(self) -> dict[str, Shape]:
        """Shapes of the trained weights, by name."""
        return {}

    def buffers(self) -> dict[str, Shape]:
        """Shapes of what is kept but not trained, by name."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """The shape of a row behind the layer, from that before it."""
        return shape

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        """From `x` (rows, *shape), float64, to (rows, *output(shape)), in evaluation mode."""
        raise NotImplementedError


@dataclass(frozen=True)
class Linear(Layer):
    """y = W x + b; from (inputs,) to (outputs,)."""

    inputs: int
    outputs: int
    bias: bool = True

    def weights(self) -> dict[str, Shape]:
        bias: dict[str, Shape] = {"bias": (self.outputs,)} if self.bias else {}
        return {"weight": (self.outputs, self.inputs), **bias}

    def output(self, shape: Shape) -> Shape:
        return (self.outputs,)

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        return np.asarray(x @ weights["weight"].T + (weights["bias"] if self.bias else 0))


@dataclass(frozen=True)
class Convolution(Layer):
    """Square kernels, stride 1, zeros around so that height and width stay."""

    channels: int
    outputs: int
    kernel: int
    bias: bool = True

    def weights(self) -> dict[str, Shape]:
        bias: dict[str, Shape] = {"bias": (self.outputs,)} if self.bias else {}
        return {"weight": (self.outputs, self.channels, self.kernel, self.kernel), **bias}

    def output(self, shape: Shape) -> Shape:
        return (self.outputs, *shape[1:])

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        border = self.kernel // 2
        padded = np.pad(x, ((0, 0), (0, 0), (border, border), (border, border)))
        sides = (self.kernel, self.kernel)
        windows = np.lib.stride_tricks.sliding_window_view(padded, sides, axis=(2, 3))
        # (rows, channels, height, width, u, v) and (outputs, channels, u, v)
        sums = np.tensordot(windows, weights["weight"], axes=((1, 4, 5), (1, 2, 3)))
        return np.moveaxis(sums, 3, 1) + (weights["bias"][:, None, None] if self.bias else 0)


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch norm per column or channel (Ioffe and Szegedy 2015).

    In training by mean and variance of the batch, over rows (and pixels), the variance with
    divisor n; its running variance has divisor n - 1. A batch with one value per channel is
    centred on itself, so its output is the bias; its mean joins the running mean and, as one
    value has no variance, the running variance stays.
    """

    size: int
    START: ClassVar = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}

    def weights(self) -> dict[str, Shape]:
        return {"weight": (self.size,), "bias": (self.size,)}

    def buffers(self) -> dict[str, Shape]:
        return {"running_mean": (self.size,), "running_var": (self.size,)}

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        shape = (-1, *(1,) * (x.ndim - 2))
        scale = weights["weight"] / np.sqrt(weights["running_var"].astype(np.float64) + EPSILON)
        centred = x - weights["running_mean"].reshape(shape)
        return np.asarray(centred * scale.reshape(shape) + weights["bias"].reshape(shape))


@dataclass(frozen=True)
class Activation(Layer):
    """An element-wise function, by its name in params/models.py."""

    function: str

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        return ACTIVATIONS[self.function](x)


@dataclass(frozen=True)
class Dropout(Layer):
    """Inverted dropout (Srivastava et al. 2014): training drops, evaluation does nothing.

    A unit stays with probability 1 - rate and is then divided by it, so the expected output is
    that of evaluation. Masks are float32 draws of the stream "dropout" of the epoch, kept where
    >= rate; the layers of a network share the stream and draw in the order of the forward pass,
    each for the whole batch, row by row.
    """

    rate: float

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        return x


@dataclass(frozen=True)
class Pooling(Layer):
    """Maximum ("max", the first of equals) or mean ("average") of 2 x 2 pixels, rounding down."""

    kind: str

    def output(self, shape: Shape) -> Shape:
        return (shape[0], shape[1] // 2, shape[2] // 2)

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        height, width = x.shape[2] // 2, x.shape[3] // 2
        squares = x[:, :, : 2 * height, : 2 * width].reshape(*x.shape[:2], height, 2, width, 2)
        return np.asarray(squares.max((3, 5)) if self.kind == "max" else squares.mean((3, 5)))


@dataclass(frozen=True)
class Flatten(Layer):
    """From (channels, height, width) to one row, in C order."""

    def output(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), -1)


@dataclass(frozen=True)
class Powers(Layer):
    """The powers 1 to degree of each column: all x, then all x^2, and so on."""

    degree: int

    def output(self, shape: Shape) -> Shape:
        return (shape[0] * self.degree,)

    def forward(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        return np.concatenate([x**power for power in range(1, self.degree + 1)], axis=1)


@dataclass(frozen=True)
class Network:
    """Layers by name, in the order of the forward pass.

    `inputs` is the shape of one row: (columns,) or (channels, height, width); `initialisation`
    names an entry of initialisation.INITIALISATIONS.
    """

    inputs: Shape
    initialisation: str
    layers: Mapping[str, Layer] = field(default_factory=dict)

    def shapes(self) -> dict[str, Shape]:
        """The shape of one row behind each layer."""
        shape, shapes = self.inputs, {}
        for name, layer in self.layers.items():
            shapes[name] = shape = layer.output(shape)
        return shapes

    @property
    def outputs(self) -> int:
        """How many numbers come out per row."""
        return math.prod(list(self.shapes().values())[-1])

    def weights(self) -> dict[str, Shape]:
        """Shapes of all trained weights, `<layer>.<name>`, in order."""
        return {
            f"{n}.{w}": s for n, layer in self.layers.items() for w, s in layer.weights().items()
        }

    def buffers(self) -> dict[str, Shape]:
        """Shapes of what is not trained but kept: running statistics of batch norm, in order."""
        return {
            f"{n}.{b}": s for n, layer in self.layers.items() for b, s in layer.buffers().items()
        }

    def trained_layers(self) -> tuple[str, ...]:
        """Names of the layers that have trained weights, in order."""
        return tuple(name for name, layer in self.layers.items() if layer.weights())

    def summary(self) -> tuple[tuple[str, Shape, int], ...]:
        """Name, output shape and number of parameters of every layer that has some."""
        shapes, layers = self.shapes(), self.layers
        return tuple(
            (name, shapes[name], sum(map(math.prod, layers[name].weights().values())))
            for name in self.trained_layers()
        )
