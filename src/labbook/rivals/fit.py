"""Rivals are fitted on the training rows of each split, and predict validation and test rows."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from labbook.data.prepared import Prepared
from labbook.identity.code import library_versions
from labbook.rivals.constant import FLOOR, constant_prediction
from labbook.rivals.file import CONSTANT, NAMES, PARTS, Rivals, write
from labbook.rivals.models import MODELS, MOST_ROWS
from labbook.streams import stream

LIBRARIES = ("numpy", "scikit-learn", "scipy")


def write_rivals(prepared: Prepared, seeds: Sequence[int], out: Path) -> None:
    """Write to `out` what the rivals predict on the splits of `seeds`; see file.py."""
    predictions = {}
    for seed in seeds:
        for (name, part), array in rivals_of(prepared, seed).items():
            predictions[name, seed, part] = array
    names, libraries = NAMES[prepared.task], library_versions(LIBRARIES)
    write(out, Rivals(names, tuple(seeds), libraries, predictions))


def rivals_of(prepared: Prepared, seed: int) -> dict[tuple[str, str], np.ndarray]:
    """Predictions of all rivals by name and part, on the split of one seed."""
    train_x, train_y = prepared.part(seed, "train")
    assert train_y is not None
    x = train_x.astype(np.float64)
    parts = {part: prepared.part(seed, part)[0].astype(np.float64) for part in PARTS}
    draw = stream(seed, "rivals")
    found = {(CONSTANT, part): constant_prediction(prepared, seed, part) for part in PARTS}
    still = len(np.unique(train_y)) < 2  # then no model says anything else than the constant
    for name, make in MODELS[prepared.task].items():
        state = int(draw.integers(2**31))
        rows = _drawn(len(x), draw) if name == "nearest neighbours" else np.arange(len(x))
        model = None if still else _fitted(make(len(rows), state), x[rows], train_y[rows])
        for part, inputs in parts.items():
            if model is None or not len(inputs):
                found[name, part] = found[CONSTANT, part]
            else:
                found[name, part] = _predicted(prepared, seed, model, inputs)
    return found


def _drawn(rows: int, draw: np.random.Generator) -> np.ndarray:
    """All row numbers, of very many rows some of them, ascending (rows,)."""
    if rows <= MOST_ROWS:
        return np.arange(rows)
    return np.sort(draw.choice(rows, MOST_ROWS, replace=False))


def _fitted(model: Any, x: np.ndarray, y: np.ndarray) -> Any:
    """The model, fitted by one thread: sums in another order would have other last digits."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is judged by what it predicts
        return model.fit(x, y)


def _predicted(prepared: Prepared, seed: int, model: Any, x: np.ndarray) -> np.ndarray:
    """Predictions of inputs (rows, columns) in the form of run files: see file.py."""
    with threadpool_limits(1):
        if prepared.task == "regression":
            return prepared.original(model.predict(x), seed)
        shares = np.zeros((len(x), len(prepared.classes)))
        shares[:, model.classes_] = model.predict_proba(x)
    # No share of 0, which forests and neighbours give: one such row would make the loss infinite.
    shares = np.maximum(shares, FLOOR)
    return np.asarray(np.log(shares / shares.sum(axis=1, keepdims=True)), np.float32)
