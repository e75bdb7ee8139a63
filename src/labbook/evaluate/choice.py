"""The choice of a model by validation data, and the proof that its file is whole."""

from dataclasses import dataclass

import numpy as np

from labbook.augmentation import averaged, copies
from labbook.errors import LabbookError
from labbook.evaluate.results import Results
from labbook.evaluate.statistics import oriented
from labbook.losses import predictions
from labbook.models import build
from labbook.models.forward import forward
from labbook.runs import RunRecord

# By how much another order of additions, or another device, may change an output of a network: a
# share of the outputs' spread, and one of their size, which float32 limits.
OF_SPREAD, OF_SIZE = 1e-3, 1e-5
CHECKED = 256  # validation rows that are computed again, by NumPy alone


@dataclass(frozen=True)
class Choice:
    """The combination and the seed that validation data chose."""

    label: str
    seed: int


def choose(results: Results) -> Choice | None:
    """The combination with the best mean on validation rows, and its best run. Never test rows.

    A failed run is worse than any number, so combinations with fewer of them come first. Equal
    ones: the first in the study's order. None where no run has a result.
    """
    metric = results.choice
    candidates = []
    for label in results.labels:
        values = oriented(results.values(label, metric), metric)
        failed = int((~np.isfinite(values)).sum())
        if failed < len(values):
            candidates.append((failed, -float(np.nanmean(values)), label))
    if not candidates:
        return None
    _, _, label = min(candidates, key=lambda one: one[:2])  # min keeps the first of equals
    best = int(np.nanargmax(oriented(results.values(label, metric), metric)))
    return Choice(label, results.study.seeds[best])


def check_weights(results: Results, choice: Choice, record: RunRecord) -> None:
    """Raise `LabbookError` unless the weights give the stored validation predictions again."""
    predicted = _predict(results, choice, record)
    stored = _as_outputs(results, choice, record.predictions["valid"][:CHECKED])
    if predicted.shape == stored.shape:
        finite = stored[np.isfinite(stored)].astype(float)
        rounding = OF_SPREAD * np.std(finite) + OF_SIZE * np.abs(finite).max(initial=0.0)
        if np.allclose(predicted, stored, rtol=0, atol=float(rounding)):
            return
    raise LabbookError(
        f"{results.path(choice.label, choice.seed)}: its weights do not give the validation "
        f"predictions that it holds (run {record.id}, combination {choice.label}, seed "
        f"{choice.seed}). Remove the file and run snakemake again: that run is trained anew."
    )


def _predict(results: Results, choice: Choice, record: RunRecord) -> np.ndarray:
    """Predictions of the validation rows by the stored weights, in the network's own units."""
    prepared, task = results.prepared, results.study.task
    columns = results.columns(choice.label, choice.seed)
    recipe = results.combination(choice.label).recipe
    x, _ = prepared.part(choice.seed, "valid", columns)
    outputs = len(prepared.classes) if task == "classification" else 1
    network = build(recipe.model, x.shape[1:], outputs)
    augment = recipe.training.augments
    try:
        if augment is not None and augment.test_copies:
            seen = copies(prepared, choice.seed, "valid", augment, CHECKED)
            return averaged(predictions(forward(network, record.weights, x), task) for x in seen)
        return predictions(forward(network, record.weights, x[:CHECKED]), task)
    except ValueError:  # other names or shapes
        return np.empty(0)


def _as_outputs(results: Results, choice: Choice, predicted: np.ndarray) -> np.ndarray:
    """Predictions as the run file has them, in the network's units, without the target's mean."""
    if results.study.task == "classification":
        return predicted
    split = results.prepared.split(choice.seed)
    return np.asarray((predicted - split.target_mean) / split.target_scale)
