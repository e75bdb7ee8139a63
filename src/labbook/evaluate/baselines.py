"""What a prediction reaches that ignores its input: who is no better has learnt nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from labbook.metrics import PARTS

if TYPE_CHECKING:
    from labbook.data.prepared import Prepared


def constant_losses(
    prepared: "Prepared", seed: int, *, weighed: bool = False
) -> tuple[float, float]:
    """Training and validation loss of the constant that is best on a split's training rows.

    The mean of the target (of its logarithm, where that is learned), its losses mean squares; or
    the shares of the classes, in nats. `weighed` by class weights all classes are as frequent.
    """
    split = prepared.split(seed)
    train, valid = (prepared.target[rows] for rows in (split.train, split.valid))
    if prepared.task == "regression":
        if prepared.log_target:
            train, valid = np.log(train), np.log(valid)
        squares = [np.mean((rows - train.mean()) ** 2) for rows in (train, valid)]
        return float(squares[0]) / split.target_scale**2, float(squares[1]) / split.target_scale**2
    counts = np.bincount(train, minlength=len(prepared.classes))
    counts = (counts > 0).astype(int) if weighed else counts
    shares = counts / counts.sum()
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
