"""What runs of a step came to: losses that settings are compared by."""

import math
from collections.abc import Iterable
from statistics import median
from typing import Any

import numpy as np
from scipy.ndimage import uniform_filter1d

from labbook.evaluate.curves.mean_curves import SMOOTHED
from labbook.training.runfile import DIVERGENCES, RunRecord
from labbook.tuning.step import Before, Tried

SEPARATOR = " · "  # between a variant and its settings in a label
SMALLEST = 1e-300  # a loss of exactly 0 has no logarithm
LAST = 0.2  # the share of the epochs whose mean loss counts as the end: a step alone jumps


def diverged(record: RunRecord) -> bool:
    """Whether a loss was no number any more: at this rate nothing is to be had."""
    return record.ended in DIVERGENCES


def end_of(record: RunRecord) -> float:
    """The mean training loss of the last fifth of the epochs; infinite where it diverged."""
    losses = np.asarray(record.curves["train_loss"], np.float64)
    if diverged(record) or not len(losses):
        return math.inf
    return float(losses[-max(1, round(len(losses) * LAST)) :].mean())


def window_of(tried: Iterable[Tried]) -> int:
    """Over how many epochs the losses of a step's runs are smoothed: a twentieth of the median run.

    One window for all: with its own, a run that ends early would be smoothed less, and its lowest
    point be luckier. Below thirty epochs nothing is smoothed.
    """
    return max(1, round(SMOOTHED * median(one.record.epochs for one in tried)))


def lowest_of(record: RunRecord, window: int) -> float:
    """The lowest validation loss of the smoothed curve; infinite where it diverged.

    Of many epochs that go up and down the lowest is lucky, and more so the more jagged a curve is,
    as that of a large rate. A moving geometric mean of `window` epochs has less of that luck.
    """
    losses = np.asarray(record.curves["valid_loss"], np.float64)
    if diverged(record) or not len(losses):
        return math.inf
    logarithms = np.log(np.maximum(losses, SMALLEST))
    smoothed = uniform_filter1d(logarithms, min(window, len(losses)), mode="nearest")
    return float(np.exp(smoothed.min()))


def geometric(values: Iterable[float]) -> float:
    """The geometric mean of losses; infinite where one is."""
    logarithms = [math.log(max(value, SMALLEST)) for value in values]
    return math.exp(sum(logarithms) / len(logarithms))


def by_label(tried: Iterable[Tried]) -> dict[str, list[Tried]]:
    """The trials of each label, in order."""
    found: dict[str, list[Tried]] = {}
    for one in tried:
        found.setdefault(one.trial.label, []).append(one)
    return found


def variant_of(label: str) -> str:
    """The variant of the recipe that a trial is of."""
    return label.partition(SEPARATOR)[0]


def label_of(variant: str, settings: str) -> str:
    """The label of trials of a variant with these settings."""
    return f"{variant}{SEPARATOR}{settings}"


def rows_of(before: Before) -> int:
    """How many training rows there are."""
    return len(before.data.split(before.plan.seeds[0]).train)


def decided(before: Before, step: str, name: str) -> Any:
    """What an earlier step decided."""
    return before.found[step].decided[name]


def number_of(value: float | None) -> float:
    """A number of a row, NaN where it has none: the way back from `plain`."""
    return math.nan if value is None else value


def plain(value: float) -> float | None:
    """A number of a row; None for one that is not finite, as JSON has none."""
    return value if math.isfinite(value) else None
