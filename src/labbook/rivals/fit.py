"""Rivals are fitted on the training rows of each split, and predict validation and test rows."""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from labbook.data.prepared import Prepared
from labbook.identity.code import library_versions
from labbook.metrics import METRICS
from labbook.rivals.constant import FLOOR, constant_prediction
from labbook.rivals.file import CONSTANT, PARTS, TUNED, Rivals, names_of, write
from labbook.rivals.models import AS_IT_COMES, MODELS, MOST_ROWS, TRIED, Settings
from labbook.streams import stream

LIBRARIES = ("numpy", "scikit-learn", "scipy")
LOSSES = {"regression": "mse", "classification": "cross_entropy"}  # that choose among settings


@dataclass(frozen=True)
class Case:
    """A rival on one split: how it is made, what it is fitted on, and what it is to predict."""

    prepared: Prepared
    seed: int
    make: Callable[..., Any]
    state: int
    x: np.ndarray  # (rows, columns) of training rows
    y: np.ndarray  # (rows,)
    parts: Mapping[str, np.ndarray]  # inputs by part

    def fitted(self, settings: Settings) -> Any:
        """The model with these settings."""
        return _fitted(self.make(len(self.x), self.state, **settings), self.x, self.y)

    def predicted(self, model: Any, part: str) -> np.ndarray:
        """What a fitted model says of a part's rows."""
        return _predicted(self.prepared, self.seed, model, self.parts[part])


def write_rivals(
    prepared: Prepared, seeds: Sequence[int], out: Path, tuned: Sequence[int] = ()
) -> None:
    """Write to `out` what the rivals predict on the splits of `seeds`; see file.py.

    On those of the seeds `tuned` also what the tuned ones do.
    """
    predictions: dict[tuple[str, int, str], np.ndarray] = {}
    chosen: dict[str, dict[str, Settings]] = {}
    for seed in seeds:
        for (name, part), array in rivals_of(prepared, seed).items():
            predictions[name, seed, part] = array
    for seed in tuned:
        found, settings = tuned_rivals_of(prepared, seed)
        for (name, part), array in found.items():
            predictions[name, seed, part] = array
        for name, one in settings.items():
            chosen.setdefault(name, {})[str(seed)] = one
    task = prepared.task
    both = [*(names_of(task, False) if seeds else ()), *(names_of(task, True) if tuned else ())]
    names, libraries = tuple(dict.fromkeys(both)), library_versions(LIBRARIES)
    every = tuple(sorted({*seeds, *tuned}))
    write(out, Rivals(names, every, libraries, predictions, chosen or None))


def rivals_of(prepared: Prepared, seed: int) -> dict[tuple[str, str], np.ndarray]:
    """Predictions of all rivals as they come by name and part, on the split of one seed."""
    found = {(CONSTANT, part): constant_prediction(prepared, seed, part) for part in PARTS}
    for name, case in _cases(prepared, seed):
        model = None if _still(case) else case.fitted(AS_IT_COMES)
        found |= _by_part(case, name, model, found)
    return found


def tuned_rivals_of(
    prepared: Prepared, seed: int
) -> tuple[dict[tuple[str, str], np.ndarray], dict[str, Settings]]:
    """The same of tuned rivals, and the settings by name that are best on validation rows."""
    found = {(CONSTANT, part): constant_prediction(prepared, seed, part) for part in PARTS}
    chosen: dict[str, Settings] = {}
    for plain, case in _cases(prepared, seed):
        name, model = TUNED[plain], None
        if not _still(case):
            chosen[name], model = _best(case, TRIED[plain])
        found |= _by_part(case, name, model, found)
    return found, chosen


def _best(case: Case, tried: Sequence[Settings]) -> tuple[Settings, Any]:
    """The settings whose model has the least loss on validation rows; of equals the first."""
    if not len(case.parts["valid"]):
        return tried[0], case.fitted(tried[0])
    target = case.prepared.target[case.prepared.split(case.seed).valid]
    loss = METRICS[LOSSES[case.prepared.task]].formula
    best, least, kept = tried[0], math.inf, None
    for settings in tried:
        model = case.fitted(settings)
        value = loss(target, case.predicted(model, "valid"))
        if kept is None or value < least:
            best, least, kept = settings, value, model
    return best, kept


def _cases(prepared: Prepared, seed: int) -> Iterator[tuple[str, Case]]:
    """All rivals but the constant by name; tuned ones have the random states of the others."""
    train_x, train_y = prepared.part(seed, "train")
    assert train_y is not None
    x = train_x.astype(np.float64)
    parts = {part: prepared.part(seed, part)[0].astype(np.float64) for part in PARTS}
    draw = stream(seed, "rivals")
    for name, make in MODELS[prepared.task].items():
        state = int(draw.integers(2**31))
        rows = _drawn(len(x), draw) if name == "nearest neighbours" else np.arange(len(x))
        yield name, Case(prepared, seed, make, state, x[rows], train_y[rows], parts)


def _still(case: Case) -> bool:
    """Whether the target does not vary: then no model says anything else than the constant."""
    return len(np.unique(case.y)) < 2


def _by_part(
    case: Case, name: str, model: Any | None, found: Mapping[tuple[str, str], np.ndarray]
) -> dict[tuple[str, str], np.ndarray]:
    """A model's predictions; the constant's without a model, or without rows."""
    return {
        (name, part): found[CONSTANT, part]
        if model is None or not len(inputs)
        else case.predicted(model, part)
        for part, inputs in case.parts.items()
    }


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
