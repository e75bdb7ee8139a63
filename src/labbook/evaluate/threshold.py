"""From which probability on a row is of the second of two classes: chosen on validation rows."""

from collections.abc import Sequence

import numpy as np

from labbook.errors import LabbookError

AS_IT_IS = 0.5
# Measures of the named class alone, which a threshold changes; others are of probabilities.
OF_THE_NAMED = ("accuracy", "balanced_accuracy", "macro_f1", "matthews")


def check_two_classes(study: str, classes: Sequence[str]) -> None:
    """Raise `LabbookError` where data have more classes than a threshold can tell apart."""
    if len(classes) != 2:
        raise LabbookError(
            f"studies.{study}.threshold: the data have {len(classes)} classes, and a threshold is "
            "for two; leave it out."
        )


def best_threshold(target: np.ndarray, predicted: np.ndarray) -> float:
    """The threshold with the best balanced accuracy, of equals the one nearest to 0.5.

    `target` is (rows,), `predicted` log-probabilities (rows, 2). Tried are 0.5 and the middle
    between neighbouring probabilities, 0 and 1 among them. 0.5 where one class is alone.
    """
    chances = _of_the_second(predicted)
    first, second = np.sort(chances[target == 0]), np.sort(chances[target == 1])
    if not len(first) or not len(second):
        return AS_IT_IS
    ends = np.unique([0.0, *chances, 1.0])
    tried = np.append((ends[:-1] + ends[1:]) / 2, AS_IT_IS)
    found_first = np.searchsorted(first, tried, "left")
    found_second = len(second) - np.searchsorted(second, tried, "left")
    gain = found_first * len(second) + found_second * len(first)  # whole numbers: ties are exact
    best = tried[gain == gain.max()]
    return float(best[np.lexsort((best, np.abs(best - AS_IT_IS)))[0]])


def named(predicted: np.ndarray, threshold: float | None) -> np.ndarray:
    """The class that each row of log-probabilities (rows, classes) is taken for (rows,).

    The most probable one; of two classes with a threshold the second from there on.
    """
    if threshold is None:
        return np.asarray(predicted.argmax(axis=1))
    return np.asarray(_of_the_second(predicted) >= threshold, np.int64)


def decided(predicted: np.ndarray, threshold: float | None) -> np.ndarray:
    """Probabilities of 0 and 1 (rows, classes), for measures of the named class."""
    return np.asarray(np.eye(predicted.shape[1])[named(predicted, threshold)])


def _of_the_second(predicted: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(predicted[:, 1].astype(np.float64)))
