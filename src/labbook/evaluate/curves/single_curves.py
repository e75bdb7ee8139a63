"""Curves of single runs, thinned, and where the runs of a combination stopped."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.curves.mean_curves import log_losses, thin
from labbook.evaluate.statistics.intervals import mean_intervals
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.training.runfile import DIVERGED, DIVERGENCES

MOST_RUNS = 400  # of a study; curves of more runs are not told apart, and make a large page
MOST_EPOCHS = 20
CURVES = ("combination", "seed", "epoch", "valid")
STOPS = ("combination", "n", "epoch", "first", "last", "valid_mean", "valid_low", "valid_high")


def write_run_curves(results: StudyRuns, path: Path) -> None:
    """The validation loss of each run at 30 epochs at most, to three digits.

    Only a header for studies of more than 400 runs.
    """
    rows: list[list[Any]] = []
    if len(results.records) <= MOST_RUNS:
        for label in results.labels:
            for seed in results.study.seeds:
                rows += [[label, seed, *point] for point in _thinned(results, label, seed)]
    write_table(path, pd.DataFrame(rows, columns=CURVES, dtype=object))


def write_stops(results: StudyRuns, path: Path) -> None:
    """A row per combination: the median epoch at which its runs stopped, the first and the last.

    `valid_mean` is the geometric mean of the validation losses with which they stopped, of all `n`
    runs that did not diverge: what a mean of those that still train does not tell.
    """
    rows = []
    for label in results.labels:
        seeds = [s for s in results.study.seeds if results.endings.loc[label, s] not in DIVERGENCES]
        _, valid = log_losses(results, label, seeds)
        if not len(seeds) or valid.shape[0] != len(seeds) or not valid.size:
            continue
        ends = np.array([len(results.curves(label, seed)["valid_loss"]) for seed in seeds])
        last = valid[np.arange(len(seeds)), ends - 1]
        with np.errstate(over="ignore"):
            middle = [float(np.exp(end)[0]) for end in mean_intervals(last[:, None])]
        epochs = [float(np.median(ends)), int(ends.min()), int(ends.max())]
        rows.append([label, len(seeds), *epochs, *middle])
    write_table(path, pd.DataFrame(rows, columns=STOPS, dtype=object))


def _thinned(results: StudyRuns, label: str, seed: int) -> list[tuple[int, float]]:
    loss = results.curves(label, seed).get("valid_loss", np.empty(0))
    if results.records[label, seed].ended == DIVERGED:
        loss = loss[np.isfinite(loss)]
    places = thin(len(loss), MOST_EPOCHS)
    return [
        (int(epoch), float(f"{loss[epoch - 1]:.2e}"))
        for epoch in places
        if np.isfinite(loss[epoch - 1])
    ]
