"""What the learning curves of a run say in one number, by name."""

from collections.abc import Callable, Mapping

import numpy as np

from labbook.runs import GRADIENT_NORM

Curves = Mapping[str, np.ndarray]  # train_loss, valid_loss, float32 (epochs,)
SETTLED = 0.1  # above a run's lowest validation loss: from there on little is gained


def best_epoch(curves: Curves) -> float:
    """The epoch with the lowest validation loss, whose weights are kept."""
    return float(np.argmin(curves["valid_loss"]) + 1)


def settled_epoch(curves: Curves) -> float:
    """The first epoch with a validation loss at most a tenth above the run's lowest."""
    loss = curves["valid_loss"]
    return float(np.argmax(loss <= loss.min() * (1 + SETTLED)) + 1)


def lowest_train_loss(curves: Curves) -> float:
    """How far the training loss fell."""
    return float(curves["train_loss"].min())


def roughness(loss: np.ndarray) -> float:
    """By how much the loss changes from one epoch to the next: median of |ln loss ratio|."""
    changes = np.abs(np.diff(np.log(np.maximum(loss, np.finfo(np.float32).tiny))))
    return float(np.median(changes)) if len(changes) else float("nan")


def vanishing(curves: Curves) -> float:
    """How many times smaller the gradient is at the first layer than at the last, in epoch 1.

    By the norms that `training.gradient_norms` keeps; `curves` has the layers in their order.
    """
    norms = [curve[0] for name, curve in curves.items() if name.startswith(GRADIENT_NORM)]
    return float(norms[-1] / norms[0]) if len(norms) and norms[0] > 0 else float("nan")


CURVE_METRICS: dict[str, Callable[[Curves], float]] = {
    "best_epoch": best_epoch,
    "settled_epoch": settled_epoch,
    "lowest_train_loss": lowest_train_loss,
    "train_roughness": lambda curves: roughness(curves["train_loss"]),
    "valid_roughness": lambda curves: roughness(curves["valid_loss"]),
    "vanishing": vanishing,
}
