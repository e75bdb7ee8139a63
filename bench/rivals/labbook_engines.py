"""labbook's engines, by their own interface: whole runs, set-up and best weights included."""

import tempfile
from pathlib import Path

import numpy as np

from bench.rivals import Train
from bench.workloads import RATE, Workload
from labbook.data.prepared import Prepared, Split
from labbook.engines.choice import load
from labbook.params.studies import Recipe
from labbook.train.run import Run
from labbook.train.watch import Watch

MODELS = {"compiled": 1, "torch": 1, "cuda": 64}


def prepare(workload: Workload, name: str) -> tuple[Train, int]:
    """The cuda engine trains a pack at once, on a GPU where there is one."""
    engine, data, models = load(name), _prepared(workload), MODELS[name]

    def train(epochs: int) -> None:
        recipe = _recipe(workload, epochs)
        runs = [Run(f"run{i}", {}, recipe, i, data, None) for i in range(models)]
        with tempfile.TemporaryDirectory() as folder:  # no round goes on where another stopped
            for _ in engine.train(runs, "auto" if name == "cuda" else "cpu", Watch(Path(folder))):
                pass

    return train, models


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


def _prepared(workload: Workload) -> Prepared:
    data = workload.data()
    x = np.concatenate([data["x"], data["valid_x"]])
    rows = np.arange(len(x), dtype=np.int32)
    train, valid = rows[: workload.rows], rows[workload.rows :]
    images = bool(workload.channels)
    columns = () if images else workload.inputs
    scale = np.ones(columns)
    split = Split(train, valid, valid, np.zeros(columns), scale, np.zeros(columns), 0.0, 1.0)
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
        splits=dict.fromkeys(range(MODELS["cuda"]), split),
    )
