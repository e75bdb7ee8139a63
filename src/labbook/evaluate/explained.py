"""What the chosen combination makes of each column of the file, on validation rows.

Permutation importance (Breiman 2001): how much worse it predicts when a column's values are dealt
out anew among the rows. Partial dependence (Friedman 2001): what it predicts on average when the
column has one value in all rows. Columns that go together share their importance, and neither says
what would happen if somebody changed a value in the world.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.choice import Choice
from labbook.evaluate.network_answers import Answers, Source, answers, sources
from labbook.evaluate.statistics.intervals import mean_interval, oriented, unscaled
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.measures import ALL, is_ratio, split_name
from labbook.streams import stream

PERMUTATION = ("column", "metric", "scale", "effect", "low", "high", "n")
DEPENDENCE = ("column", "of", "x", "level", "mean", "low", "high", "n")
SHOWN = 4  # columns whose dependence is told
POINTS = 9  # of a number, from its 5 % to its 95 % quantile
MOST_LEVELS = 12  # of a category


def write_explained(results: StudyRuns, choice: Choice | None, folder: Path) -> None:
    """permutation.csv, the most important column first, and dependence.csv of the first few.

    Only headers where there is no table, or no run with a result.
    """
    rows: list[list[Any]] = []
    dependence: list[list[Any]] = []
    if choice is not None and results.prepared.kind == "table":
        networks, columns = _networks(results, choice.label)
        rows = _importance(results, networks, columns)
        by_name = {one.name: one for one in columns}
        for row in rows[:SHOWN]:
            dependence += _dependence(results, networks, by_name[row[0]])
    write_table(folder / "permutation.csv", pd.DataFrame(rows, columns=PERMUTATION, dtype=object))
    table = pd.DataFrame(dependence, columns=DEPENDENCE, dtype=object)
    write_table(folder / "dependence.csv", table)


def _networks(results: StudyRuns, label: str) -> tuple[list[Answers], list[Source]]:
    """The networks, and the columns of the file that any of them sees."""
    every = sources(results)
    seeds = results.study.seeds
    chosen = [results.columns(label, seed) for seed in seeds]
    seen = {int(i) for one in chosen if one is not None for i in one}
    if any(one is None for one in chosen):
        seen = set(range(results.prepared.features.shape[1]))
    columns = [one for one in every if seen & set(range(one.at.start, one.at.stop))]
    return list(answers(results, label, len(columns))), columns


def _importance(
    results: StudyRuns, networks: list[Answers], columns: list[Source]
) -> list[list[Any]]:
    """Rows of permutation.csv: by how much a measure gets worse, over the seeds."""
    # The loss, also of classes: an accuracy of a few rows does not move for small changes.
    metric = "valid_mse" if results.study.task == "regression" else "valid_cross_entropy"
    formula = ALL[split_name(metric)[1]].formula
    losses = np.full((len(columns), len(networks)), np.nan)
    for number, network in enumerate(networks):
        usual = formula(network.target, network.answer(network.features))
        for place, column in enumerate(columns):
            if not np.isin(np.arange(column.at.start, column.at.stop), network.seen).any():
                losses[place, number] = 0.0  # it was not chosen for this split
                continue
            draw = stream(network.seed, f"permutation/{column.name}")
            changed = network.features.copy()
            changed[:, column.at] = changed[draw.permutation(len(changed)), column.at]
            found = formula(network.target, network.answer(changed))
            both = oriented(np.array([usual, found]), metric)
            losses[place, number] = both[0] - both[1]
    order = np.argsort(-np.nan_to_num(losses.mean(axis=1), nan=-np.inf), kind="stable")
    return [_row(columns[place].name, losses[place], metric) for place in order]


def _row(name: str, losses: np.ndarray, metric: str) -> list[Any]:
    one = mean_interval(losses)
    ends = np.array([one.mean, one.low, one.high])
    scale = "ratio" if is_ratio(metric) else "difference"
    return [name, metric, scale, *unscaled(ends, metric).tolist(), one.n]


def _dependence(results: StudyRuns, networks: list[Answers], column: Source) -> list[list[Any]]:
    """Rows of dependence.csv: the mean prediction by the column's value, over the seeds."""
    prepared = results.prepared
    of, place = prepared.target_name, None
    if results.study.task == "classification":  # of two the second, of more the most frequent
        place = 1
        if len(prepared.classes) > 2:
            place = int(np.bincount(prepared.target).argmax())
        of = prepared.classes[place]
    rows = []
    for x, level, values in _values(prepared.features[:, column.at], column):
        means = []
        for network in networks:
            changed = network.features.copy()
            changed[:, column.at] = values
            found = network.answer(changed)
            means.append(found.mean() if place is None else np.exp(found[:, place]).mean())
        one = mean_interval(np.array(means))
        rows.append([column.name, of, x, level, one.mean, one.low, one.high, one.n])
    return rows


def _values(features: np.ndarray, column: Source) -> list[tuple[float | None, str, np.ndarray]]:
    """What the column is set to: a number or a level's name, and its numbers (columns,)."""
    one = column.encoding
    width = features.shape[1]
    if one is not None and one.kind == "category":
        frequent = np.argsort(-np.nansum(features, axis=0)[: len(one.levels)], kind="stable")
        shown = np.sort(frequent[:MOST_LEVELS])
        return [(None, one.levels[i], np.eye(width)[i]) for i in shown]
    if one is not None and one.kind == "date":
        return []  # its parts go together: none of them has one value alone
    first = features[:, 0][~np.isnan(features[:, 0])]
    if not len(first):
        return []
    quantiles = np.unique(np.quantile(first, np.linspace(0.05, 0.95, POINTS), method="nearest"))
    levels = one.levels if one is not None else ()
    rest = np.zeros(width - 1)  # what says that a field is empty
    return [(float(x), levels[int(x)] if levels else "", np.array([x, *rest])) for x in quantiles]
