"""What is predicted without a look at the inputs: it needs no fit, and every study has it."""

import numpy as np

from labbook.data.prepared import Prepared

FLOOR = 1e-6  # the least share of a class, in every rival's predictions


def constant_prediction(prepared: Prepared, seed: int, part: str) -> np.ndarray:
    """The constant that is best by squares or log loss on a split's training rows, for all of part.

    The mean of the target (rows,) float64, or the classes' shares (rows, classes) as float32
    log-probabilities.
    """
    split = prepared.split(seed)
    train, rows = prepared.target[split.train], len(getattr(split, part))
    if prepared.task == "regression":
        return np.full(rows, float(train.mean()))
    shares = np.bincount(train, minlength=len(prepared.classes)) / len(train)
    shares = np.maximum(shares, FLOOR)
    return np.tile(np.log(shares / shares.sum()).astype(np.float32), (rows, 1))
