"""Greedy selection of models for a mean of predictions (Caruana et al. 2004). Arrays in and out."""

import numpy as np

STEPS = 25  # models that are added, the same one also several times
TINY = 1e-12  # a probability of 0 for the true class would make all other rows count for nothing


def losses(given: np.ndarray, task: str) -> np.ndarray:
    """Mean loss over the last axis, rows: squared error, or minus the logarithm of a probability.

    `given` is the error of a quantity, or the probability of the true class.
    """
    if task == "regression":
        return np.asarray(np.einsum("...r,...r->...", given, given) / given.shape[-1])
    return np.asarray(-np.log(np.maximum(given, TINY)).mean(axis=-1))


def greedy_members(given: np.ndarray, task: str, steps: int = STEPS) -> list[int]:
    """Which of the models, `given` (models, rows), make the best mean, in the order of choice.

    Begun with the best one; at each step that is added which leaves the mean with the least loss,
    also one that is in it already. Of all steps the one with the least loss is kept, of equals the
    first, as is the first of equal models.
    """
    total, chosen = np.zeros(given.shape[1]), []
    found = []
    for step in range(1, steps + 1):
        after = losses((total + given) / step, task)  # (models,)
        best = int(np.argmin(after))
        chosen.append(best)
        found.append(after[best])
        total = total + given[best]
    return chosen[: int(np.argmin(found)) + 1]
