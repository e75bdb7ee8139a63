"""What networks of a single input make of it: a curve on a grid, beside what they learnt from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.choice import Choice
from labbook.evaluate.predictions import median_seed
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.models import build, forward
from labbook.models.losses import predictions
from labbook.params.datasets import Function

GRID = 120  # places of a curve
MOST_POINTS = 120  # training points that are shown
MOST_FITS = 6  # combinations
COLUMNS = ("combination", "seed", "kind", "x", "y")
TRUE, FIT, TRAINING = "true", "fit", "training"  # kinds


def write_fits(results: StudyRuns, choice: Choice | None, path: Path) -> None:
    """Curves of a few combinations, all of one seed, and that seed's training points.

    That seed is the median run's of the chosen combination; where it failed in another, that one's
    own median run stands for it. Kinds of rows: `fit`, the network on a grid over all x;
    `training`, what it learnt from; `true`, of no combination, the function without its noise,
    where it is known. Only a header where networks see more than one column, and for classes.
    """
    rows: list[list[Any]] = []
    if choice is not None and _single_input(results, choice):
        label = choice.label
        grid = np.linspace(*_ends(results), GRID)
        rows += [["", "", TRUE, *point] for point in _true(results, grid)]
        seed = median_seed(results, label)
        for shown in _shown(results, label):
            rows += _fit(results, shown, seed, grid)
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _single_input(results: StudyRuns, choice: Choice) -> bool:
    prepared = results.prepared
    if results.study.task != "regression" or prepared.kind == "images":
        return False
    return prepared.features.ndim == 2 and prepared.features.shape[1] == 1


def _ends(results: StudyRuns) -> tuple[float, float]:
    return float(results.prepared.features.min()), float(results.prepared.features.max())


def _true(results: StudyRuns, grid: np.ndarray) -> Iterator[tuple[float, float]]:
    """The function itself on the grid, as far as it is finite; nothing where it is not known."""
    from labbook.data.kinds.function import compile_expression

    if isinstance(results.dataset, Function):
        y = np.broadcast_to(compile_expression(results.dataset.expression)(grid), grid.shape)
        yield from _points(grid, y)


def _shown(results: StudyRuns, chosen: str) -> list[str]:
    """The chosen combination, the reference and the first others, in the study's order."""
    wanted = dict.fromkeys([chosen, results.study.reference, *results.labels])
    some = [*wanted][:MOST_FITS]
    return [label for label in results.labels if label in some]


def _fit(results: StudyRuns, label: str, seed: int | None, grid: np.ndarray) -> list[list[Any]]:
    """The curve and the training points of a combination; nothing where all of it diverged."""
    prepared, recipe = results.prepared, results.combinations[label].recipe
    for one in (seed, median_seed(results, label)):
        weights = {} if one is None else results.read(label, one, "weights").weights
        if one is None or not weights:  # it diverged
            continue
        network = build(recipe.model, (1,), 1)
        inputs = prepared.inputs_of(grid[:, None], one, results.columns(label, one))
        fit = prepared.original(predictions(forward(network, weights, inputs), "regression"), one)
        train = prepared.split(one).train
        some = train[np.unique(np.rint(np.linspace(0, len(train) - 1, MOST_POINTS)).astype(int))]
        rows = [[label, one, FIT, *point] for point in _points(grid, fit)]
        seen = _points(prepared.features[some, 0], prepared.target[some])
        return rows + [[label, one, TRAINING, *point] for point in seen]
    return []


def _points(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[float, float]]:
    """Places with six significant digits, which no picture exceeds."""
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if np.isfinite(b):
            yield float(f"{a:.6g}"), float(f"{b:.6g}")
