"""Mean learning curves per combination: their table, and the shape a diagnosis rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.ndimage import uniform_filter1d

from labbook.evaluate.statistics.intervals import mean_intervals
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.training.runfile import DIVERGED, DIVERGENCES, UNFINISHED

MOST_EPOCHS = 150
COLUMNS = (
    "combination", "epoch", "n",
    "train_mean", "train_low", "train_high",
    "valid_mean", "valid_low", "valid_high",
)  # fmt: skip
# A mean curve is smoothed over this share of its epochs: the lowest point of a jagged curve is
# lower, and its rise from there larger, than chance explains.
SMOOTHED = 0.05
# A spike, as Adam makes them, that stands at the end by chance does not count: a curve ends no
# higher than the median of this share of its epochs.
LAST_SHARE = 0.1


def write_curves(results: StudyRuns, path: Path) -> None:
    """Write at most 150 epochs of each combination's losses.

    Losses are skewed, so mean and interval are those of their logarithms (a geometric mean). At
    each epoch they are over the `n` runs that still train with a finite loss; the curve ends
    where fewer than half are left of those that do not diverge (of all where all do), since the
    rest would be about the few slowest.
    """
    rows = [[label, *row] for label in results.labels for row in _rows(results, label)]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def thin(epochs: int, most: int = MOST_EPOCHS) -> np.ndarray:
    """At most `most` of the epochs 1 .. `epochs`, with both ends.

    Half of them evenly spaced and half of them evenly on a logarithmic scale, so that early
    epochs are seen as well as late ones.
    """
    if epochs <= most:
        return np.arange(1, epochs + 1)
    even = np.linspace(1, epochs, most // 2)
    logarithmic = np.geomspace(1, epochs, most // 2)
    return np.unique(np.rint(np.concatenate([even, logarithmic])).astype(int))


def log_losses(
    results: StudyRuns, label: str, seeds: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of the training and validation losses of some runs of a combination.

    Each of shape (runs, longest run's epochs); NaN after a run's end or where not finite.
    """
    curves = [results.curves(label, seed) for seed in seeds]
    train = padded_logarithms([one["train_loss"] for one in curves if "train_loss" in one])
    valid = padded_logarithms([one["valid_loss"] for one in curves if "valid_loss" in one])
    return train, valid


def _rows(results: StudyRuns, label: str) -> Iterator[tuple[Any, ...]]:
    train, valid = log_losses(results, label, results.study.seeds)
    if train.size == 0 or train.shape != valid.shape:
        return
    left = (np.isfinite(train) & np.isfinite(valid)).sum(axis=0)  # (epochs,)
    diverged = results.endings.loc[label].isin(DIVERGENCES).to_numpy()
    staying = np.isfinite(valid[~diverged]).sum(axis=0) if not diverged.all() else left
    kept = np.flatnonzero(2 * staying >= (len(train) - diverged.sum() or len(train)))
    places = thin(int(kept[-1]) + 1 if len(kept) else 0) - 1
    both = np.isfinite(train[:, places]) & np.isfinite(valid[:, places])  # (runs, epochs shown)
    columns = [places + 1, both.sum(axis=0)]
    for logarithms in (train, valid):
        ends = mean_intervals(np.where(both, logarithms[:, places], np.nan))
        with np.errstate(over="ignore"):  # an interval of two runs can be wider than a float
            columns += [np.exp(end) for end in ends]
    yield from zip(*(column.tolist() for column in columns), strict=True)


def padded_logarithms(curves: list[np.ndarray]) -> np.ndarray:
    """Logarithms of losses, shape (runs, longest), NaN after a run's end or where not finite."""
    table = np.full((len(curves), max(map(len, curves), default=0)), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    table[~np.isfinite(table) | (table < 0)] = np.nan
    smallest = float(np.finfo(np.float32).tiny)  # a loss of exactly 0 has no logarithm
    return np.asarray(np.log(np.maximum(table, smallest)))


@dataclass(frozen=True)
class CurveShape:
    """The figures that a diagnosis rests on; losses in the units of training, of mean curves.

    `diverged` and `unfinished` are shares of `runs`; `constant` is the training loss of the best
    constant prediction, `valid_constant` its validation loss; `train_then` is the training loss
    where validation's was lowest; `late_fall` is the share by which the mean validation loss fell
    from the last but one to the last tenth of the epochs (negative: it rose). NaN where no run has
    a curve.
    `best_train` and `best_valid` are ends of the best curve beside it by validation loss.
    """

    runs: int
    diverged: float
    unfinished: float
    epochs: int = 0
    constant: float = float("nan")
    valid_constant: float = float("nan")
    train_lowest: float = float("nan")
    train_end: float = float("nan")
    valid_lowest: float = float("nan")
    train_then: float = float("nan")
    valid_end: float = float("nan")
    late_fall: float = float("nan")
    best_train: float = float("nan")
    best_valid: float = float("nan")


def shape_of(results: StudyRuns, label: str) -> CurveShape:
    """The shape of a combination's curves."""
    ended = results.endings.loc[label]
    shape = CurveShape(
        len(ended), float(ended.isin(DIVERGENCES).mean()), float((ended == UNFINISHED).mean())
    )
    finished = [seed for seed in results.study.seeds if ended[seed] != DIVERGED]
    train, valid = log_losses(results, label, finished)
    if train.size == 0 or train.shape != valid.shape:
        return shape
    with np.errstate(divide="ignore"):  # a constant of 0 has no logarithm
        logarithms = np.log([results.constant_losses(label, seed) for seed in finished])
    means = np.exp(logarithms.mean(axis=0)).tolist()  # geometric, as of the curves
    shape = replace(shape, constant=means[0], valid_constant=means[1])
    return with_ends(shape, mean_curve(train), mean_curve(valid))


def mean_curve(logarithms: np.ndarray) -> np.ndarray:
    """The smoothed geometric mean of losses given by their logarithms (runs, epochs).

    It ends where half of the runs have ended; until there a run that ended keeps its last value,
    so that the curve does not jump when a run drops out.
    """
    lengths = np.isfinite(logarithms).sum(axis=1)  # NaN stands behind the end alone
    end = int(np.median(lengths))
    last = np.minimum(np.arange(end), lengths[:, None] - 1)  # (runs, epochs)
    mean = np.take_along_axis(logarithms, last, axis=1).mean(axis=0)
    window = max(1, round(end * SMOOTHED))
    return np.asarray(np.exp(uniform_filter1d(mean, window, mode="nearest")))


def with_ends(shape: CurveShape, train: np.ndarray, valid: np.ndarray) -> CurveShape:
    """`shape` with what follows from smoothed mean losses (epochs,)."""
    tenth = max(1, int(len(valid) * LAST_SHARE))
    before, lowest = valid[-2 * tenth : -tenth], int(valid.argmin())
    train_end, valid_end = (float(min(one[-1], np.median(one[-tenth:]))) for one in (train, valid))
    # A single epoch is as good as a fall: nothing is known of what comes next.
    late_fall = 1 - float(np.median(valid[-tenth:]) / np.median(before)) if len(before) else 1.0
    return replace(
        shape,
        epochs=len(valid),
        train_lowest=float(train.min()),
        train_end=train_end,
        valid_lowest=float(valid[lowest]),
        train_then=float(train[lowest]),
        valid_end=valid_end,
        late_fall=late_fall,
    )
