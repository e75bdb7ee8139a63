"""Small data sets as `read_prepared` would give them, made in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labbook import models
from labbook.engines.choice import load
from labbook.params.models import Linear, Mlp
from labbook.params.studies import Recipe
from labbook.params.training import Adam, Sgd, Training
from labbook.training.pack import Task
from labbook.training.run import Run


@dataclass(frozen=True)
class Rows:
    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class MadeData:
    """Has what training asks of a prepared data set; the target is standardised."""

    features: np.ndarray
    target: np.ndarray
    task: str = "regression"
    kind: str = "table"
    classes: tuple[str, ...] = ()
    unlabelled: np.ndarray | None = None
    scale: float = field(default=2.0)
    mean: float = 0.0  # of the target, as far as it is taken off

    def split(self, seed: int) -> Rows:
        order = np.random.default_rng(seed).permutation(len(self.target))
        cut = len(order) // 5
        return Rows(order[2 * cut :], order[:cut], order[cut : 2 * cut])

    def part(self, seed: int, part: str, columns: np.ndarray | None):
        if part == "unlabelled":
            x, y = self.unlabelled, None
        else:
            rows = getattr(self.split(seed), part)
            x, y = self.features[rows], self.target[rows]
        if self.kind == "images":
            x = self.standardised(x / np.float32(255), seed)
        if self.kind == "table" and columns is not None:
            x = x[:, columns]
        if y is not None and self.task == "regression":
            y = ((y - self.mean) / self.scale).astype(np.float32)
        return x.astype(np.float32), y

    def pixels(self, seed: int, part: str) -> np.ndarray:
        return self.features[getattr(self.split(seed), part)] / np.float32(255)

    def standardised(self, pixels: np.ndarray, seed: int) -> np.ndarray:
        return pixels.astype(np.float32)[:, None]

    def row_shape(self, columns: np.ndarray | None = None) -> tuple[int, ...]:
        if self.kind == "images":
            return (1, *self.features.shape[1:])
        return (self.features.shape[1] if columns is None else len(columns),)

    def original(self, y: np.ndarray, seed: int) -> np.ndarray:
        return np.asarray(y, np.float64) * self.scale + self.mean


def table(rows: int = 60, columns: int = 3) -> MadeData:
    draw = np.random.default_rng(1)
    features = draw.standard_normal((rows, columns))
    target = features @ np.arange(1, columns + 1) + 0.1 * draw.standard_normal(rows)
    return MadeData(features, target, unlabelled=draw.standard_normal((4, columns)))


def together(rows: int = 500) -> MadeData:
    """Columns that rise and fall together; the target follows from how they differ.

    Gradient descent of a linear model a little above the stable rate learns it in some tens of
    epochs, and blows up much later.
    """
    draw = np.random.default_rng(13)
    common = draw.standard_normal((rows, 1))
    features = np.sqrt(0.8) * common + np.sqrt(0.2) * draw.standard_normal((rows, 5))
    target = features @ [3, -3, 2, -2, 0] + 0.2 * draw.standard_normal(rows)
    return MadeData(features, target, unlabelled=draw.standard_normal((4, 5)))


LATE = {  # of a run of seed 1 on `together` that diverges long after its best epoch
    "model": Linear(initialisation="zero"), "optimizer": Sgd(rate=0.218), "batch": "all",
    "epochs": 1000,
}  # fmt: skip


def images(rows: int = 60, side: int = 8) -> MadeData:
    draw = np.random.default_rng(2)
    target = np.arange(rows) % 3
    features = draw.integers(0, 60, (rows, side, side))
    for row, number in enumerate(target):
        features[row, 2 * number : 2 * number + 2] += 150
    return MadeData(
        features.astype(np.uint8), target, "classification", "images", classes=("a", "b", "c")
    )


def recipe(model=None, optimizer=None, schedule=None, **training) -> Recipe:
    training = {"batch": 16, "epochs": 12} | training
    blocks = {} if schedule is None else {"schedule": schedule}
    return Recipe(
        dataset="made",
        model=model or Mlp(hidden=[6, 4]),
        optimizer=optimizer or Adam(rate=0.01),
        training=Training(**training),
        **blocks,
    )


def run_of(data, made: Recipe, seed: int = 0, name: str = "a" * 8) -> Run:
    """A run of `made` on `data` as an engine gets it."""
    return Run(name, {"recipe": made.identity(), "seed": seed}, made, seed, data, None)


def module_of(model, inputs: tuple[int, ...], outputs: int, seed: int):
    """The torch module of a block of params.yaml."""
    from labbook.engines.torch import network

    return network.build(models.build(model, inputs, outputs), seed)


def task(name: str = "a" * 8, seed: int = 0, engine: str = "torch", **settings) -> Task:
    made = recipe(**settings)
    return Task(name, {"recipe": made.identity(), "seed": seed}, made, seed, engine)


def train(
    tasks: list[Task], data: MadeData, folder: Path, patch: Callable[[str, object], None], **more
) -> dict[str, bytes]:
    """Train `tasks` under `folder`; the bytes of the run files by name."""
    from labbook.training import pack

    patch("labbook.training.pack.read_prepared", lambda path: data)
    runs = folder / "runs"
    pack.train_pack(tasks, folder / "made", runs, folder / "checkpoints", "cpu", load, **more)
    return {path.name: path.read_bytes() for path in sorted(runs.iterdir())}
