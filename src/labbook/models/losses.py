"""Losses by name, and what a network's outputs mean for a task. Each engine computes its own."""

import numpy as np

from labbook.errors import LabbookError

LOSSES = {"mse": "regression", "cross_entropy": "classification"}  # name -> the task it is for
DEFAULT = {"regression": "mse", "classification": "cross_entropy"}


def loss_name(name: str | None, task: str) -> str:
    """The loss `name`, or that of the task. Raises `LabbookError` where the two do not fit."""
    chosen = name or DEFAULT[task]
    if LOSSES[chosen] != task:
        raise LabbookError(
            f"training.loss: {chosen} is for {LOSSES[chosen]}, the data set's task is {task}; "
            f"write {DEFAULT[task]} or leave the loss out."
        )
    return chosen


def predictions(outputs: np.ndarray, task: str) -> np.ndarray:
    """What `outputs` (rows, outputs) say: (rows,), or (rows, classes) log-probabilities."""
    if task == "regression":
        return outputs[:, 0]
    shifted = outputs - outputs.max(axis=1, keepdims=True)  # so that no power overflows
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
