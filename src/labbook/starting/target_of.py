"""What the target is: a class or a quantity, and whether a column gives it away."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from labbook.params.tables import Form
from labbook.starting import texts as read
from labbook.starting.column import Column
from labbook.wording import count

Task = Literal["regression", "classification"]
MOST_CLASSES = 20  # of whole numbers from 0 or 1 on; more of them are a quantity
ROWS_A_CLASS = 3  # at least, for numbers to be classes
SKEWED = 1.0  # from this skewness on a logarithm is tried
LEAST_ROWS = 20  # in fewer, nearly everything seems to give the target away
SURE = 0.9999  # a correlation, or a share of right answers
TO_SCORE = 5000  # rows


@dataclass(frozen=True)
class Target:
    """The target's task with its `reason`; `log` says why its logarithm may be better.

    That is proposed and not done: squared errors in its own units may well grow by it.
    """

    name: str
    task: Task
    reason: str
    log: str = ""
    values: np.ndarray | None = None  # (rows,) of a quantity


def target_of(name: str, values: Sequence[str], form: Form, task: Task | None = None) -> Target:
    """What the column is as a target. `values` are (rows,) texts, none of them missing."""
    counts = Counter(values)
    found = read.numbers(counts, form)
    if task is None and read.codes(counts, MOST_CLASSES):
        return Target(name, "classification", "codes with leading zeros")
    if found is None or task == "classification":
        given = "as asked for" if task else f"{len(counts)} different texts"
        return Target(name, "classification", given)
    reason = "as asked for" if task else _quantity(found)
    if task is None and (classes := _classes(counts, found)):
        return Target(name, "classification", classes)
    numbers = np.array([found[value] for value in values])
    return Target(name, "regression", reason, _skewed(numbers), numbers)


def _quantity(found: Mapping[str, float]) -> str:
    least, most = (pick(found, key=lambda text: found[text]) for pick in (min, max))
    return f"{count(len(found), 'different number')}, from {least} to {most}"


def _classes(counts: Mapping[str, int], found: Mapping[str, float]) -> str:
    """Why numbers are classes; empty where they are a quantity."""
    if len(found) == 2:
        return "two different numbers"
    values = sorted(set(found.values()))
    in_a_row = values[0] in (0.0, 1.0) and values == [values[0] + i for i in range(len(values))]
    if in_a_row and len(values) <= MOST_CLASSES and min(counts.values()) >= ROWS_A_CLASS:
        return f"whole numbers, {values[0]:g} to {values[-1]:g} without a gap"
    return ""


def _skewed(values: np.ndarray) -> str:
    """Why to learn the logarithm; empty where there is no reason to."""
    if values.min() <= 0:
        return ""
    before, after = skewness(values), skewness(np.log(values))
    if before > SKEWED and abs(after) < before / 2:
        return f"all are positive, and the skewness is {before:.1f}, of logarithms {after:.1f}"
    return ""


def skewness(values: np.ndarray) -> float:
    """The third standardised moment, 0 for a constant. `values` are (rows,)."""
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers beyond 1e100
        spread = values.std()
        if not math.isfinite(spread) or spread <= 1e-12 * abs(values.mean()):
            return 0.0
        return float((((values - values.mean()) / spread) ** 3).mean())


@dataclass(frozen=True)
class Leak:
    """How well one column alone tells the target; `exact` where each tells the other."""

    score: float
    exact: bool
    words: str


def leak(
    column: Column, values: Sequence[str], target: Target, truth: Sequence[str], form: Form
) -> Leak | None:
    """Whether a column alone gives the target away, in the first rows of a large table."""
    if len(truth) < LEAST_ROWS or column.role in ("drop", "id", "target") or column.missing:
        return None
    values, truth = values[:TO_SCORE], truth[:TO_SCORE]
    found = read.numbers(set(values), form) if column.kind == "number" else None
    if target.task == "classification":
        return _of_classes(values, truth, found)
    if found is None or target.values is None:
        return None
    return _of_quantities(np.array([found[value] for value in values]), target.values[:TO_SCORE])


def _of_quantities(values: np.ndarray, target: np.ndarray) -> Leak | None:
    with np.errstate(over="ignore"):  # numbers beyond 1e100 may be there
        if np.ptp(values) == 0 or np.ptp(target) == 0:
            return None
    with np.errstate(over="ignore", invalid="ignore"):
        correlation = abs(float(np.corrcoef(values, target)[0, 1]))
    if not math.isfinite(correlation) or correlation < SURE:
        return None
    exact = correlation > 1 - 1e-10
    return Leak(correlation, exact, f"a correlation of {correlation:.6f} with the target")


def _of_classes(
    values: Sequence[str], truth: Sequence[str], found: Mapping[str, float] | None
) -> Leak | None:
    """By levels, and of numbers by stretches of their order, as many as there are classes."""
    classes = len(set(truth))
    if classes < 2 or classes * ROWS_A_CLASS > len(truth):
        return None
    pairs = set(zip(values, truth, strict=True))
    levels = len(set(values))
    if levels == len(pairs) and (found is None or levels <= classes) and levels * 2 <= len(truth):
        exact = levels == classes
        return Leak(1.0, exact, "each of its values has a single class")
    if found is None:
        return None
    numbers = np.array([found[value] for value in values])
    order = np.argsort(numbers, kind="stable")
    ordered = np.array(truth)[order]
    changes = int((ordered[1:] != ordered[:-1]).sum())
    if changes == classes - 1:
        return Leak(1.0, False, "sorted by it, the rows are sorted by class")
    return None
