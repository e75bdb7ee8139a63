"""Where chance comes from: what each source of it moves while the others are held."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.statistics.chance import Source, drawn_alone, everything, held_in_common
from labbook.evaluate.statistics.intervals import scaled
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.measures import is_ratio, split_name
from labbook.params.redraws import (
    EVERYTHING,
    SPLIT,
    TRAINING,
    redrawn,
    redraws_alone,
    streams_of,
)

COLUMNS = (
    "source",
    "metric",
    "scale",
    "share",
    "low",
    "high",
    "spread",
    "spread_low",
    "spread_high",
    "n",
    "pairs",
)
TWINS = {"valid": "test", "test": "valid"}


def write_chance(results: StudyRuns, path: Path) -> None:
    """chance.csv: a row per source; only a head where the study varies other settings."""
    write_table(path, chance_table(results))


def chance_table(results: StudyRuns) -> pd.DataFrame:
    """A row per metric and source: of the study's metric, then of its validation or test twin.

    Shares are from 0 to 1; `spread` is the standard deviation that the source alone gives, a
    factor (1 and more) of what is compared by ratio, else in units of the metric; `n` seeds of
    which all runs have a value; `pairs` of runs a seed. Empty where a study varies anything but
    `training.redraw`.
    """
    rows: list[dict[str, Any]] = []
    if redraws_alone(results.study.combinations):
        rows = [row for metric in _metrics(results) for row in _rows(results, metric)]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _metrics(results: StudyRuns) -> tuple[str, ...]:
    metric = results.study.metric
    part, name = split_name(metric)
    twin = f"{TWINS[part]}_{name}" if part in TWINS else ""
    return (metric, twin) if twin in results.metrics else (metric,)


def _rows(results: StudyRuns, metric: str) -> Iterator[dict[str, Any]]:
    by_redraw = _distinct(results)
    streams = streams_of(next(iter(results.combinations.values())).recipe)
    values = np.array([results.values(label, metric) for label in by_redraw.values()])
    runs = scaled(values[:, np.isfinite(values).all(axis=0)], metric).T  # (seeds, runs)

    def row(source: str, found: Source, pairs: int) -> dict[str, Any]:
        share, low, high = found.share
        ends = zip(("spread", "spread_low", "spread_high"), found.deviation, strict=True)
        ratio = is_ratio(metric)
        return {
            "source": source,
            "metric": metric,
            "scale": "ratio" if ratio else "difference",
            "share": share,
            "low": low,
            "high": high,
            **{name: float(np.exp(end)) if ratio else end for name, end in ends},
            "n": found.n,
            "pairs": pairs,
        }

    sets = list(by_redraw)
    if places := _pairs(sets, frozenset(streams)):
        pairs = runs[:, places]  # (seeds, pairs, 2)
        yield row(SPLIT, held_in_common(pairs), len(places))
        yield row(TRAINING, drawn_alone(pairs), len(places))
    for stream in streams if len(streams) > 1 else ():
        if places := _pairs(sets, frozenset({stream})):
            yield row(stream, drawn_alone(runs[:, places]), len(places))
    yield row(EVERYTHING, everything(runs), 0)


def _distinct(results: StudyRuns) -> Mapping[frozenset[str], str]:
    """Labels by what is drawn anew; of combinations that draw the same anew, the first."""
    labels: dict[frozenset[str], str] = {}
    for label, combination in results.combinations.items():
        labels.setdefault(redrawn(combination.recipe), label)
    return labels


def _pairs(sets: list[frozenset[str]], streams: frozenset[str]) -> list[tuple[int, int]]:
    """Places of the runs of a seed that differ in just these streams.

    Not only against the run that draws nothing anew: what is drawn anew is the same in all runs of
    a seed, so with two streams the four runs give two pairs for each of them and for both.
    """
    both = combinations(range(len(sets)), 2)
    return [(one, other) for one, other in both if sets[one] ^ sets[other] == streams]
