"""Mean learning curves per combination, with an interval over its runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from labbook.evaluate.results import Results
from labbook.evaluate.statistics.intervals import mean_intervals
from labbook.evaluate.tables import write_table

MOST_EPOCHS = 150
COLUMNS = (
    "combination", "epoch", "n",
    "train_mean", "train_low", "train_high",
    "valid_mean", "valid_low", "valid_high",
)  # fmt: skip


def write_curves(results: Results, path: Path) -> None:
    """Write at most 150 epochs of each combination's losses.

    Losses are skewed, so mean and interval are those of their logarithms (a geometric mean). At
    each epoch they are over the `n` runs that still train with a finite loss; the curve ends
    where fewer than half of the runs are left, since the rest would be about the few slowest.
    """
    rows = [[label, *row] for label in results.labels for row in _rows(results, label)]
    write_table(path, COLUMNS, rows)


def thin(epochs: int) -> np.ndarray:
    """At most 150 of the epochs 1 .. `epochs`, with both ends.

    Half of them evenly spaced and half of them evenly on a logarithmic scale, so that early
    epochs are seen as well as late ones.
    """
    if epochs <= MOST_EPOCHS:
        return np.arange(1, epochs + 1)
    even = np.linspace(1, epochs, MOST_EPOCHS // 2)
    logarithmic = np.geomspace(1, epochs, MOST_EPOCHS // 2)
    return np.unique(np.rint(np.concatenate([even, logarithmic])).astype(int))


def log_losses(results: Results, label: str, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of the training and validation losses of some runs of a combination.

    Each of shape (runs, longest run's epochs); NaN after a run's end or where not finite.
    """
    curves = [results.curves(label, seed) for seed in seeds]
    train = _logarithms([one["train_loss"] for one in curves if "train_loss" in one])
    valid = _logarithms([one["valid_loss"] for one in curves if "valid_loss" in one])
    return train, valid


def _rows(results: Results, label: str) -> Iterator[tuple[Any, ...]]:
    train, valid = log_losses(results, label, results.study.seeds)
    if train.size == 0 or train.shape != valid.shape:
        return
    left = (np.isfinite(train) & np.isfinite(valid)).sum(axis=0)  # (epochs,)
    kept = np.flatnonzero(2 * left >= len(train))
    places = thin(int(kept[-1]) + 1 if len(kept) else 0) - 1
    both = np.isfinite(train[:, places]) & np.isfinite(valid[:, places])  # (runs, epochs shown)
    columns = [places + 1, both.sum(axis=0)]
    for logarithms in (train, valid):
        ends = mean_intervals(np.where(both, logarithms[:, places], np.nan))
        with np.errstate(over="ignore"):  # an interval of two runs can be wider than a float
            columns += [np.exp(end) for end in ends]
    yield from zip(*(column.tolist() for column in columns), strict=True)


def _logarithms(curves: list[np.ndarray]) -> np.ndarray:
    """Logarithms of losses, shape (runs, longest), NaN after a run's end or where not finite."""
    table = np.full((len(curves), max(map(len, curves), default=0)), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    table[~np.isfinite(table) | (table < 0)] = np.nan
    smallest = float(np.finfo(np.float32).tiny)  # a loss of exactly 0 has no logarithm
    return np.asarray(np.log(np.maximum(table, smallest)))
