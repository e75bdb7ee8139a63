"""What the learning curves of a run say in one number, by name, and what learns nothing reaches.

A prediction that ignores its input reaches the constant losses and accuracies: who is no better
than that has learnt nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from labbook.metrics import PARTS
from labbook.training.runfile import GRADIENT_NORM

if TYPE_CHECKING:
    from labbook.data.prepared import Prepared

Curves = Mapping[str, np.ndarray]  # train_loss, valid_loss, float32 (epochs,)
SETTLED = 0.1  # of the whole fall of the validation loss is still to come
LEARNT = 0.05  # of the first validation loss: a run whose loss fell by less has learnt nothing
SMOOTH = 1e-7  # a relative change that is no more than float32's rounding


def best_epoch(curves: Curves) -> float:
    """The epoch with the lowest validation loss, whose weights are kept."""
    return float(np.argmin(curves["valid_loss"]) + 1)


def settled_epoch(curves: Curves) -> float:
    """The first epoch by which the validation loss has fallen by nine tenths of its whole fall.

    From its first value to its lowest; NaN where it fell by less than 5 %: nothing was learnt.
    """
    loss = curves["valid_loss"].astype(float)
    fall = loss[0] - loss.min()
    if not fall > LEARNT * loss[0]:
        return float("nan")
    return float(np.argmax(loss <= loss.min() + SETTLED * fall) + 1)


def roughness(loss: np.ndarray) -> float:
    """By how much the loss rises from one epoch to the next, mean of ln; falls count as 0."""
    changes = np.diff(np.log(np.maximum(loss.astype(float), np.finfo(np.float32).tiny)))
    if not len(changes):
        return float("nan")
    return float(np.maximum(changes, 0).mean() + SMOOTH)


def vanishing(curves: Curves) -> float:
    """How many times smaller the gradient is at the first layer than at the last, in epoch 1.

    By the norms that `training.gradient_norms` keeps; `curves` has the layers in their order.
    """
    norms = [curve[0] for name, curve in curves.items() if name.startswith(GRADIENT_NORM)]
    return float(norms[-1] / norms[0]) if len(norms) and norms[0] > 0 else float("nan")


# A run that learnt nothing goes smoothly nowhere: it has no such number, and says nothing of it.
OF_LEARNERS = ("train_roughness", "valid_roughness")
CURVE_METRICS: dict[str, Callable[[Curves], float]] = {
    "best_epoch": best_epoch,
    "settled_epoch": settled_epoch,
    "last_train_loss": lambda curves: float(curves["train_loss"][-1]),
    "last_valid_loss": lambda curves: float(curves["valid_loss"][-1]),
    "train_roughness": lambda curves: roughness(curves["train_loss"]),
    "valid_roughness": lambda curves: roughness(curves["valid_loss"]),
    "vanishing": vanishing,
}


def constant_losses(prepared: "Prepared", seed: int) -> tuple[float, float]:
    """Training and validation loss of the constant that is best on a split's training rows.

    The mean of the target, its losses mean squares; or the shares of the classes, in nats.
    """
    split = prepared.split(seed)
    train, valid = (prepared.target[rows] for rows in (split.train, split.valid))
    if prepared.task == "regression":
        squares = [np.mean((rows - train.mean()) ** 2) for rows in (train, valid)]
        return float(squares[0]) / split.target_scale**2, float(squares[1]) / split.target_scale**2
    shares = np.bincount(train, minlength=len(prepared.classes)) / len(train)
    nats = -np.log(np.maximum(shares, np.finfo(np.float32).tiny))
    return float(nats[train].mean()), float(nats[valid].mean())


def constant_accuracies(prepared: "Prepared", seeds: Sequence[int]) -> dict[str, float]:
    """By part, the accuracy of always saying the most frequent class of the training rows.

    Mean over the splits of these seeds.
    """
    accuracies: dict[str, list[float]] = {part: [] for part in PARTS}
    for seed in seeds:
        split = prepared.split(seed)
        most = np.bincount(prepared.target[split.train]).argmax()
        for part, shares in accuracies.items():
            shares.append(float(np.mean(prepared.target[getattr(split, part)] == most)))
    return {part: float(np.mean(shares)) for part, shares in accuracies.items()}
