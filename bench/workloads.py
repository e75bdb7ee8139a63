"""What is trained in a benchmark: small networks of the course reports on made-up rows."""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Workload:
    """A network, its data and its optimiser; `per_step`: times are per step, not per epoch."""

    name: str
    inputs: tuple[int, ...]
    hidden: tuple[int, ...]
    rows: int
    valid_rows: int
    batch: int | None  # None: the full batch
    activation: str = "relu"
    optimizer: str = "adam"
    channels: tuple[int, ...] = ()
    kernel: int = 5
    classes: int = 0
    epochs: int = 100  # per round, for the fastest; slower ones do fewer

    @property
    def outputs(self) -> int:
        """Numbers that come out per row."""
        return self.classes or 1

    @property
    def widths(self) -> list[int]:
        """Widths of the fully connected part, its input first."""
        side = self.inputs[-1] >> len(self.channels)
        first = self.channels[-1] * side * side if self.channels else math.prod(self.inputs)
        return [first, *self.hidden, self.outputs]

    def flops(self) -> float:
        """Floating-point operations of an epoch: 2 per multiply-add.

        Forward once, and twice that on the way back (weights, inputs), but no gradient of the
        network's input; validation is one pass forward. Activations and the optimiser, a few per
        cent, are not counted.
        """
        layers = [a * b for a, b in itertools.pairwise(self.widths)]
        pixels, before = float(math.prod(self.inputs[1:])), self.inputs[0]
        convolutions = []
        for channels in self.channels:
            convolutions.append(pixels * before * channels * self.kernel**2)
            pixels, before = pixels / 4, channels
        every = [*convolutions, *layers]
        forward = 2.0 * sum(every)
        return self.rows * (3 * forward - 2.0 * every[0]) + self.valid_rows * forward

    def data(self) -> dict[str, np.ndarray]:
        """x, y, valid_x, valid_y, drawn from a fixed seed; images as (rows, 1, height, width)."""
        draw = np.random.default_rng(0)
        count = self.rows + self.valid_rows
        x = draw.standard_normal((count, *self.inputs)).astype(np.float32)
        y: Any = np.sin(x.reshape(count, -1)[:, 0]) + 0.1 * draw.standard_normal(count)
        y = draw.integers(0, self.classes, count) if self.classes else y.astype(np.float32)
        n = self.rows
        return {"x": x[:n], "y": y[:n], "valid_x": x[n:], "valid_y": y[n:]}


WORKLOADS = {
    one.name: one
    for one in (
        Workload("W1a", (16,), (32, 16, 8), 2400, 600, 256, epochs=1500),
        Workload("W1b", (64,), (64, 16), 2400, 600, 256, epochs=600),
        Workload("W3", (13,), (64, 64), 337, 10, 32, optimizer="sgd", epochs=3000),
        Workload("W2_200", (1,), (64,) * 5, 200, 10, None, activation="silu", epochs=2000),
        Workload("W2_2000", (1,), (64,) * 5, 2000, 10, None, activation="silu", epochs=250),
        Workload("CNN", (1, 28, 28), (128,), 2400, 10, 64, channels=(16, 32), classes=10, epochs=1),
    )
}
QUICK = ("W1a", "W3", "W2_200")
RATE = {"adam": 1e-3, "sgd": 1e-2}
