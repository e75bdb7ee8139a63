"""What runs of a step came to: losses that settings are compared by."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from labbook.evaluate.curves.mean_curves import mean_curve, padded_logarithms
from labbook.training.runfile import DIVERGENCES, RunRecord
from labbook.tuning.step import Before, Tried

SEPARATOR = " · "  # between a variant and its settings in a label
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


def lowest_of(record: RunRecord) -> float:
    """The lowest validation loss of the smoothed curve; infinite where it diverged.

    Smoothed as curves are shown: of many epochs that go up and down the lowest is lucky, and more
    so the more jagged a curve is, as that of a large rate.
    """
    losses = np.asarray(record.curves["valid_loss"], np.float64)
    if diverged(record) or not len(losses):
        return math.inf
    return float(mean_curve(padded_logarithms([losses])).min())


def geometric(values: Iterable[float]) -> float:
    """The geometric mean of losses; infinite where one is."""
    logarithms = [math.log(max(value, 1e-300)) for value in values]
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
