"""Layers and networks as plain descriptions: each engine makes of them what it computes with.

One row goes in and out: shapes leave the batch out. A weight's name is `<layer>.<name>`, its shape
that of torch's state_dict, in every engine and every run file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Linear:
    """y = W x + b; from (inputs,) to (outputs,)."""

    inputs: int
    outputs: int
    bias: bool = True

    def weights(self) -> dict[str, Shape]:
        """Shapes of the trained weights."""
        bias: dict[str, Shape] = {"bias": (self.outputs,)} if self.bias else {}
        return {"weight": (self.outputs, self.inputs), **bias}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return (self.outputs,)


@dataclass(frozen=True)
class Convolution:
    """Square kernels, stride 1, zeros around so that height and width stay."""

    channels: int
    outputs: int
    kernel: int
    bias: bool = True

    def weights(self) -> dict[str, Shape]:
        """Shapes of the trained weights."""
        bias: dict[str, Shape] = {"bias": (self.outputs,)} if self.bias else {}
        return {"weight": (self.outputs, self.channels, self.kernel, self.kernel), **bias}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return (self.outputs, *shape[1:])


@dataclass(frozen=True)
class BatchNorm:
    """Batch norm per column or channel (Ioffe and Szegedy 2015).

    In training by mean and variance of the batch, over rows (and pixels), the variance with
    divisor n; its running variance has divisor n - 1. A batch with one value per channel is
    centred on itself, so its output is the bias; its mean joins the running mean and, as one
    value has no variance, the running variance stays.
    """

    size: int

    def weights(self) -> dict[str, Shape]:
        """Shapes of the trained weights."""
        return {"weight": (self.size,), "bias": (self.size,)}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return shape


MOMENTUM = 0.1  # of batch norm: running = (1 - MOMENTUM) running + MOMENTUM of the batch, as torch
EPSILON = 1e-5  # of batch norm, joins the variance


@dataclass(frozen=True)
class Activation:
    """An element-wise function, by its name in params/models.py."""

    function: str

    def weights(self) -> dict[str, Shape]:
        """None."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return shape


@dataclass(frozen=True)
class Dropout:
    """Inverted dropout (Srivastava et al. 2014): training drops, evaluation does nothing.

    A unit stays with probability 1 - rate and is then divided by it, so the expected output is
    that of evaluation. Masks are float32 draws of the stream "dropout" of the epoch, kept where
    >= rate; the layers of a network share the stream and draw in the order of the forward pass,
    each for the whole batch, row by row.
    """

    rate: float

    def weights(self) -> dict[str, Shape]:
        """None."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return shape


@dataclass(frozen=True)
class Pooling:
    """Maximum ("max", the first of equals) or mean ("average") of 2 x 2 pixels, rounding down."""

    kind: str

    def weights(self) -> dict[str, Shape]:
        """None."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return (shape[0], shape[1] // 2, shape[2] // 2)


@dataclass(frozen=True)
class Flatten:
    """From (channels, height, width) to one row, in C order."""

    def weights(self) -> dict[str, Shape]:
        """None."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return (math.prod(shape),)


@dataclass(frozen=True)
class Powers:
    """The powers 1 to degree of each column: all x, then all x^2, and so on."""

    degree: int

    def weights(self) -> dict[str, Shape]:
        """None."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """Shape behind the layer."""
        return (shape[0] * self.degree,)


Layer = Linear | Convolution | BatchNorm | Activation | Dropout | Pooling | Flatten | Powers


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
            f"{name}.{weight}": shape
            for name, layer in self.layers.items()
            for weight, shape in layer.weights().items()
        }

    def trained_layers(self) -> tuple[str, ...]:
        """Names of the layers that have trained weights, in order."""
        return tuple(name for name, layer in self.layers.items() if layer.weights())

    def buffers(self) -> dict[str, Shape]:
        """Shapes of what is not trained but kept: running statistics of batch norm, in order."""
        return {
            f"{name}.{buffer}": (layer.size,)
            for name, layer in self.layers.items()
            if isinstance(layer, BatchNorm)
            for buffer in ("running_mean", "running_var")
        }

    def summary(self) -> tuple[tuple[str, Shape, int], ...]:
        """Name, output shape and number of parameters of every layer that has some."""
        shapes = self.shapes()
        return tuple(
            (name, shapes[name], sum(map(math.prod, layer.weights().values())))
            for name, layer in self.layers.items()
            if layer.weights()
        )
