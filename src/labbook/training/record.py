"""From a trained run to what its file holds: predictions and metrics, whichever engine it was."""

import numpy as np

from labbook.data.augmentation import averaged, copies
from labbook.metrics import LEARNED, PARTS, measure, of_task
from labbook.models import losses
from labbook.training.run import Trained
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, RunRecord


def record_of(trained: Trained) -> RunRecord:
    """The record of a run, with predictions and metrics of the best epoch's model.

    One that diverged before it had learnt anything has no predictions, and no metric is a number.
    """
    run = trained.run
    ended = trained.ended
    if ended == DIVERGED and has_learnt(trained):
        ended = DIVERGED_LATER
    metrics = {f"{part}_{name}": float("nan") for part in PARTS for name in of_task(run.task)}
    predictions: dict[str, np.ndarray] = {}
    if ended != DIVERGED:
        metrics, predictions = _evaluate(trained)
    return RunRecord(
        id=run.id,
        identity=run.identity,
        ended=ended,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        metrics=metrics,
        layers=run.network.summary(),
        curves=trained.curves,
        weights=trained.weights,
        predictions=predictions,
    )


def has_learnt(trained: Trained) -> bool:
    """Whether the best validation loss is well below that of the training rows' best constant."""
    if not trained.best_epoch:
        return False
    run, best = trained.run, trained.curves["valid_loss"][trained.best_epoch - 1]
    (_, train), (_, valid) = run.part("train"), run.part("valid")
    if run.task == "regression":
        constant = np.mean((valid - train.mean(dtype=np.float64)) ** 2)
    else:  # the constant predicts the classes' shares, by their weights equal ones
        counts = np.bincount(train, minlength=len(run.data.classes))
        counts = counts if run.class_weights is None else (counts > 0).astype(int)
        shares = counts / counts.sum()
        constant = -np.mean(np.log(np.maximum(shares, np.finfo(np.float32).tiny)[valid]))
    return bool(best < LEARNED * float(constant))


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
    """Predictions of a part in the data's units: (rows,) float64 or (rows, classes) float32.

    In float64, since a target may have a mean far larger than its deviation: float32 has steps of
    128 at 1.7e9.
    """
    run = trained.run
    if run.augment is not None and run.augment.test_copies:
        copied = copies(run.data, run.seed, part, run.augment)
        return averaged(losses.predictions(trained.outputs(x), run.task) for x in copied)
    x, _ = run.data.part(run.seed, part, run.columns)
    predicted = losses.predictions(trained.outputs(x), run.task)
    return run.data.original(predicted, run.seed) if run.task == "regression" else predicted
