"""From a trained run to what its file holds: predictions and metrics, whichever engine it was."""

import numpy as np

from labbook import losses
from labbook.augmentation import averaged, copies
from labbook.metrics import OF_TASK, PARTS, measure
from labbook.runs import DIVERGED, RunRecord
from labbook.train.run import Run, Trained


def record_of(trained: Trained) -> RunRecord:
    """The record of a run; one that diverged has no predictions, and no metric is a number."""
    run = trained.run
    metrics = {f"{part}_{name}": float("nan") for part in PARTS for name in OF_TASK[run.task]}
    predictions: dict[str, np.ndarray] = {}
    if trained.ended != DIVERGED:
        metrics, predictions = _evaluate(trained)
    return RunRecord(
        id=run.id,
        identity=run.identity,
        ended=trained.ended,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        metrics=metrics,
        layers=run.network.summary(),
        curves=trained.curves,
        weights=trained.weights,
        predictions=predictions,
    )


def _evaluate(trained: Trained) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Metrics of all parts, and predictions of those whose rows the network was not fitted to."""
    run = trained.run
    metrics: dict[str, float] = {}
    predictions: dict[str, np.ndarray] = {}
    names = PARTS if run.data.unlabelled is None else (*PARTS, "unlabelled")
    for name in names:
        predicted = _predict(trained, name)
        if name != "unlabelled":
            rows = getattr(run.data.split(run.seed), name)
            metrics |= measure(run.task, name, run.data.target[rows], predicted)
        if name != "train":
            predictions[name] = predicted
    return metrics, predictions


def _predict(trained: Trained, part: str) -> np.ndarray:
    """Predictions of a part in the data's units: (rows,) or (rows, classes), float32."""
    run: Run = trained.run
    if run.augment is not None and run.augment.test_copies:
        copied = copies(run.data, run.seed, part, run.augment)
        return averaged(losses.predictions(trained.outputs(x), run.task) for x in copied)
    x, _ = run.data.part(run.seed, part, run.columns)
    predicted = losses.predictions(trained.outputs(x), run.task)
    if run.task == "regression":
        predicted = run.data.original(predicted, run.seed).astype(np.float32)
    return predicted
