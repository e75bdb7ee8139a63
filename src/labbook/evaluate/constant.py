"""What a prediction that ignores its input can reach: who is no better has learnt nothing."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from labbook.data.prepared import Prepared


def constant_losses(prepared: "Prepared", seed: int) -> tuple[float, float]:
    """Training and validation loss of the constant that is best on a split's training rows.

    The mean of the target, its losses mean squares; or the shares of the classes, in nats.
    """
    split = prepared.split(seed)
    train, valid = (prepared.target[rows] for rows in (split.train, split.valid))
    if prepared.task == "regression":
        found = (np.mean((one - train.mean()) ** 2) for one in (train, valid))
        losses = [float(one) / split.target_scale**2 for one in found]
        return losses[0], losses[1]
    shares = np.bincount(train, minlength=len(prepared.classes)) / len(train)
    nats = -np.log(np.maximum(shares, np.finfo(np.float32).tiny))
    return float(nats[train].mean()), float(nats[valid].mean())
