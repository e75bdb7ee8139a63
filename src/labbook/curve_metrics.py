"""Metrics of learning curves: what the curves of a run say in one number, a record for each."""

from collections.abc import Mapping

import numpy as np

from labbook.metrics import Metric

# By name, (epochs,) each: train_loss, valid_loss, then the gradients' norms by layer.
Curves = Mapping[str, np.ndarray]
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
    norms = [curve[0] for name, curve in curves.items() if not name.endswith("_loss")]
    return float(norms[-1] / norms[0]) if len(norms) and norms[0] > 0 else float("nan")


LOSS = "loss as trained"  # of the standardised target where it is standardised
RISE = "rise of the loss's logarithm per epoch"
CURVE_METRICS = {
    "best_epoch": Metric(best_epoch, "epochs"),
    "settled_epoch": Metric(settled_epoch, "epochs"),
    "last_train_loss": Metric(lambda curves: float(curves["train_loss"][-1]), LOSS),
    "last_valid_loss": Metric(lambda curves: float(curves["valid_loss"][-1]), LOSS),
    "train_roughness": Metric(
        lambda curves: roughness(curves["train_loss"]), RISE, of_learners=True
    ),
    "valid_roughness": Metric(
        lambda curves: roughness(curves["valid_loss"]), RISE, of_learners=True
    ),
    "vanishing": Metric(vanishing, "norm at the last layer over that at the first"),
}
