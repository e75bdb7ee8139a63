"""One run from data to record: load, train, predict with the best weights, measure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from labbook import losses, models
from labbook.data.prepared import Prepared
from labbook.metrics import OF_TASK, measure
from labbook.params.studies import Recipe
from labbook.runs import DIVERGED, RunRecord
from labbook.train.checkpoint import Checkpoint
from labbook.train.loop import Part, State, fit, outputs_of, start

PARTS = ("train", "valid", "test")


@dataclass(frozen=True)
class Task:
    """A run to be made: `selection` is the file of chosen columns, None for all columns."""

    id: str
    identity: Mapping[str, Any]
    recipe: Recipe
    seed: int
    selection: Path | None = None


def train_run(
    task: Task,
    data: Prepared,
    device: torch.device,
    checkpoint: Checkpoint,
    after_epoch: Callable[[State], None],
) -> RunRecord:
    """Train one run, from its checkpoint if there is one, and say what came out.

    Raises `LabbookError` where the data have no split for the seed, or model, loss and data do
    not fit together.
    """
    columns = _columns(task, data)
    train, valid = (_part(data, task.seed, name, columns, device) for name in PARTS[:2])
    state = _start(task, data, train, device)
    if not checkpoint.load(state):
        state = _start(task, data, train, device)
    ended = fit(state, train, valid, data.task, task.recipe, task.seed, after_epoch)

    metrics = {f"{part}_{name}": float("nan") for part in PARTS for name in OF_TASK[data.task]}
    predictions: dict[str, np.ndarray] = {}
    if ended != DIVERGED:
        state.model.load_state_dict(state.best)
        metrics, predictions = _evaluate(state, task, data, columns, device)
    return RunRecord(
        id=task.id,
        identity=task.identity,
        ended=ended,
        epochs=state.epoch,
        best_epoch=state.best_epoch,
        metrics=metrics,
        layers=models.summary(state.model, tuple(train.x.shape[1:])),
        curves={
            name: np.array(getattr(state, name), dtype=np.float32)
            for name in ("train_loss", "valid_loss", "rate")
        },
        weights={n: w.cpu().numpy() for n, w in state.best.items()} if state.best_epoch else {},
        predictions=predictions,
    )


def _columns(task: Task, data: Prepared) -> np.ndarray | None:
    if task.selection is None or data.kind == "images":
        return None
    from labbook.features import read_selection  # imports scikit-learn

    return read_selection(task.selection).columns(task.seed)


def _tensor(array: np.ndarray, device: torch.device) -> Tensor:
    """A copy in torch's own memory, whose alignment, and so whose bits, are always the same."""
    tensor = torch.tensor(array, device=device)
    images = tensor.ndim == 4
    return tensor.contiguous(memory_format=torch.channels_last) if images else tensor


def _part(
    data: Prepared, seed: int, name: str, columns: np.ndarray | None, device: torch.device
) -> Part:
    x, y = data.part(seed, name, columns)
    assert y is not None  # only unlabelled rows have no target
    return Part(_tensor(x, device), _tensor(y, device))


def _start(task: Task, data: Prepared, train: Part, device: torch.device) -> State:
    """The run before its first epoch; the weights are drawn on the CPU, then moved."""
    outputs = len(data.classes) if data.task == "classification" else 1
    model = models.build(task.recipe.model, tuple(train.x.shape[1:]), outputs, task.seed)
    if train.x.ndim == 4:
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return start(model.to(device), task.recipe)


def _evaluate(
    state: State, task: Task, data: Prepared, columns: np.ndarray | None, device: torch.device
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Metrics of all parts, and predictions of those whose rows the model was not fitted to."""
    metrics: dict[str, float] = {}
    predictions: dict[str, np.ndarray] = {}
    rows_of = data.split(task.seed)
    names = PARTS if data.unlabelled is None else (*PARTS, "unlabelled")
    for name in names:
        x, _ = data.part(task.seed, name, columns)
        outputs = losses.predictions(outputs_of(state.model, _tensor(x, device)), data.task)
        predicted = outputs.cpu().numpy()
        if data.task == "regression":
            predicted = data.original(predicted, task.seed).astype(np.float32)
        if name != "unlabelled":
            target = data.target[getattr(rows_of, name)]
            metrics |= measure(data.task, name, target, predicted)
        if name != "train":
            predictions[name] = predicted
    return metrics, predictions
