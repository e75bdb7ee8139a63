"""labbook's engines, by their own interface: whole runs, set-up and best weights included."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from bench.rivals import MissingError, Train
from bench.workloads import RATE, Workload
from labbook.data.prepared import FittedSplit, Prepared
from labbook.engines.choice import load
from labbook.params.studies import Recipe
from labbook.training.run import Run
from labbook.training.watch import Watch


def prepare(workload: Workload, name: str, device: str | None = None) -> tuple[Train, int]:
    """`name` is that of an engine and, after a "-", how many runs it is given at once.

    Without a `device` cuda trains on the GPU, the others on the CPU. Raises `MissingError` where
    torch finds no GPU.
    """
    engine_name, _, count = name.partition("-")
    models = int(count or 1)
    if device is None:
        device = "cuda" if engine_name == "cuda" else "cpu"
        if device == "cuda" and not torch.cuda.is_available():
            raise MissingError("a GPU that torch can use")
    engine, data = load(engine_name), _prepared(workload, models)

    def train(epochs: int) -> None:
        made = runs(workload, models, epochs, data)
        with tempfile.TemporaryDirectory() as folder:  # no round goes on where another stopped
            for _ in engine.train(made, device, Watch(Path(folder))):
                pass

    return train, models


def runs(workload: Workload, count: int, epochs: int, data: Prepared | None = None) -> list[Run]:
    """So many runs of a workload, each with a seed of its own."""
    data, recipe = data or _prepared(workload, count), _recipe(workload, epochs)
    return [Run(f"run{i}", {}, recipe, i, data, None) for i in range(count)]


def _recipe(workload: Workload, epochs: int) -> Recipe:
    model = {"kind": "mlp", "hidden": list(workload.hidden), "activation": workload.activation}
    if workload.channels:
        model |= {"kind": "cnn", "channels": list(workload.channels), "kernel": workload.kernel}
    return Recipe.model_validate(
        {
            "dataset": "made",
            "model": model,
            "optimizer": {"kind": workload.optimizer, "rate": RATE[workload.optimizer]},
            "training": {"batch": workload.batch or "all", "epochs": epochs},
        }
    )


def _prepared(workload: Workload, seeds: int) -> Prepared:
    data = workload.data()
    x = np.concatenate([data["x"], data["valid_x"]])
    rows = np.arange(len(x), dtype=np.int32)
    train, valid = rows[: workload.rows], rows[workload.rows :]
    images = bool(workload.channels)
    columns = () if images else workload.inputs
    scale = np.ones(columns)
    split = FittedSplit(train, valid, valid, np.zeros(columns), scale, np.zeros(columns), 0.0, 1.0)
    return Prepared(
        source="made",
        kind="images" if images else "table",
        task="classification" if workload.classes else "regression",
        feature_names=tuple(f"x{i}" for i in range(workload.inputs[0])),
        target_name="y",
        classes=tuple(map(str, range(workload.classes))),
        unlabelled_ids=(),
        edition="own",
        note="",
        features=np.clip(x[:, 0] * 50 + 128, 0, 255).astype(np.uint8) if images else x,
        target=np.concatenate([data["y"], data["valid_y"]]),
        unlabelled=None,
        splits=dict.fromkeys(range(seeds), split),
    )
