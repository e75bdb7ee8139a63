"""Runs whose end is the question: every engine must end them alike, at the same epoch."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

from labbook.engines.choice import load
from labbook.params.models import Cnn, Linear, Mlp
from labbook.params.training import Adam, AdamW, Momentum, Plateau, RMSProp, Sgd
from labbook.training.run import Run, Trained
from labbook.training.watch import Watch
from tests.engines.equality import FEW_PLACES
from tests.made_data import MadeData, images, recipe, run_of, table

ENGINES = ("torch", "compiled", "cuda")
SEEDS = range(4)


class Ending(NamedTuple):
    """How a run ended, after how many epochs, and which of them was the best."""

    ended: str
    epochs: int
    best_epoch: int


def _noise(rows: int = 75, classes: int = 0) -> MadeData:
    """Rows of which nothing can be learnt: the validation loss rises soon."""
    draw = np.random.default_rng(3)
    features = draw.standard_normal((rows, 3))
    if classes:
        names = tuple(map(str, range(classes)))
        return MadeData(features, draw.integers(0, classes, rows), "classification", classes=names)
    return MadeData(features, draw.standard_normal(rows))


def _images_of_noise() -> MadeData:
    made = images(75)
    return replace(made, target=np.random.default_rng(5).integers(0, 3, 75))


DATA = {
    "table": table(75),
    "images": images(75),
    "images of noise": _images_of_noise(),
    "noise": _noise(),
    "classes of noise": _noise(classes=3),
}
WIDE = Mlp(hidden=[32], activation="tanh")
CASES: dict[str, dict] = {
    "patience": {"data": "noise", "optimizer": Adam(rate=0.02), "patience": 10, "epochs": 200},
    "patience, batch norm, a last batch of one row": {
        "data": "noise", "model": Mlp(hidden=[8], activation="tanh", batch_norm=True),
        "optimizer": Momentum(rate=0.02), "batch": 22, "patience": 5, "epochs": 100,
    },
    "patience, dropout, rates by plateau": {
        "data": "noise", "model": Mlp(hidden=[16], activation="silu", dropout=0.3),
        "schedule": Plateau(patience=2, factor=0.5), "patience": 8, "epochs": 200,
    },
    "patience, classes": {
        "data": "classes of noise", "optimizer": RMSProp(rate=0.01), "patience": 10, "epochs": 200,
    },
    "patience, images": {
        "data": "images of noise", "model": Cnn(channels=[3], hidden=[6], activation="tanh"),
        "optimizer": Adam(rate=0.03), "patience": 5, "epochs": 60,
    },
    "patience of one epoch": {"data": "noise", "patience": 1, "epochs": 50},
    "tolerance": {"data": "table", "tolerance": 0.02, "epochs": 400},
    "tolerance, full batch, clipped": {
        "data": "table", "batch": "all", "clip": 0.5, "tolerance": 0.1, "epochs": 400,
    },
    "tolerance before patience": {
        "data": "table", "tolerance": 0.05, "patience": 30, "epochs": 400,
    },
    "tolerance, classes": {
        "data": "classes of noise", "model": Mlp(hidden=[32], activation="relu"),
        "optimizer": AdamW(rate=0.02), "tolerance": 0.3, "epochs": 400,
    },
    "stalled": {
        "data": "noise", "model": Linear(), "optimizer": Adam(rate=0.05), "stalled": 10,
        "epochs": 400,
    },
    "stalled, full batch, patience": {
        "data": "noise", "batch": "all", "optimizer": Sgd(rate=1e-5), "stalled": 5, "patience": 20,
        "epochs": 100,
    },
    "divergence": {"data": "table", "model": Linear(), "optimizer": Sgd(rate=1e3), "epochs": 200},
    "divergence in the first epoch": {"data": "table", "optimizer": Sgd(rate=1e30), "epochs": 5},
    "divergence, classes": {
        "data": "classes of noise", "model": Mlp(hidden=[8], activation="leaky_relu"),
        "optimizer": Momentum(rate=100.0), "epochs": 50,
    },
    "divergence, images, max pooling": {
        "data": "images", "model": Cnn(channels=[3, 4], hidden=[6], activation="leaky_relu"),
        "optimizer": Momentum(rate=100.0), "epochs": 20,
    },
    "divergence, images, average pooling": {
        "data": "images",
        "model": Cnn(channels=[3, 4], hidden=[6], activation="leaky_relu", pooling="average"),
        "optimizer": Momentum(rate=100.0), "epochs": 20,
    },
    "no divergence, infinite gradients at dead units": {
        "data": "images", "model": Cnn(channels=[3, 4], hidden=[6]),
        "optimizer": Momentum(rate=1e4), "epochs": 15,
    },
    "budget used up, still improving": {"data": "table", "optimizer": Sgd(rate=1e-3), "epochs": 9},
    "budget used up": {"data": "noise", "epochs": 60},
}  # fmt: skip
# The losses grow so slowly past what float32 holds that the order of additions shows; see the page.
SLOW_DIVERGENCE = {
    "data": "table", "model": Mlp(hidden=[9, 7]), "optimizer": Momentum(rate=2.0), "epochs": 50,
}  # fmt: skip


def run_of_case(name: str, seed: int) -> Run:
    """The run of a case and a seed."""
    return run_with(CASES[name], seed)


def run_with(case: dict, seed: int) -> Run:
    """The run of settings as CASES has them."""
    settings = {"model": WIDE} | case
    return run_of(DATA[settings.pop("data")], recipe(**settings), seed)


def trained_by(engine: str, run: Run) -> Trained:
    """A run that an engine has trained on the CPU."""
    from labbook.engines.cuda import memory

    with (
        tempfile.TemporaryDirectory() as folder,  # for the checkpoints of a slow machine
        patch.object(memory, "CPU_PLACES", FEW_PLACES),
    ):
        (trained,) = load(engine).train([run], "cpu", Watch(Path(folder)))
        return trained


def ending_by(engine: str, run: Run) -> Ending:
    """How it ends by an engine."""
    trained = trained_by(engine, run)
    return Ending(trained.ended, trained.epochs, trained.best_epoch)


def rows() -> Iterator[str]:
    """The table's rows: case, and how it ends for the first seed; ValueError where engines differ."""
    for name in CASES:
        endings = {ending_by(engine, run_of_case(name, SEEDS[0])) for engine in ENGINES}
        ((ended, epochs, best),) = endings
        yield f"| {name} | {ended} | {epochs} | {best} |"
