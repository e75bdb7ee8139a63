"""What the chosen networks answer to rows that were changed on purpose, from weights in run files.

In NumPy and without the engine that trained them: a few hundred validation rows of each seed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labbook.evaluate.study_runs import StudyRuns
from labbook.models import build, forward
from labbook.models.losses import predictions

if TYPE_CHECKING:
    from labbook.data.columns import Encoding

MOST_ROWS = 300  # validation rows of a seed
MOST_CELLS = 20_000  # rows times columns of the file that are tried: wide tables have fewer rows
FEWEST_ROWS = 50


@dataclass(frozen=True)
class Source:
    """A column of the file: its name, its place among the features, how it became numbers."""

    name: str
    at: slice
    encoding: "Encoding | None" = None


@dataclass(frozen=True)
class Answers:
    """A seed's network: what it answers, in original units, to features (rows, columns)."""

    seed: int
    features: np.ndarray
    target: np.ndarray
    answer: Callable[[np.ndarray], np.ndarray]
    seen: np.ndarray  # numbers of the columns that the network sees


def sources(results: StudyRuns) -> list[Source]:
    """The columns of the file in their order."""
    from labbook.data.columns import blocks

    prepared = results.prepared
    encodings = getattr(prepared, "encodings", ())
    if not encodings:
        names = prepared.feature_names
        return [Source(name, slice(i, i + 1)) for i, name in enumerate(names)]
    return [Source(one.name, at, one) for one, at in blocks(encodings)]


def answers(results: StudyRuns, label: str, columns: int) -> Iterator[Answers]:
    """The networks of a combination by seed, of which so many columns of the file are tried."""
    prepared, recipe = results.prepared, results.combinations[label].recipe
    task = results.study.task
    most = int(np.clip(MOST_CELLS // max(columns, 1), FEWEST_ROWS, MOST_ROWS))
    outputs = len(prepared.classes) if task == "classification" else 1
    for seed in results.study.seeds:
        weights = results.read(label, seed, "weights").weights
        if not weights:  # it diverged
            continue
        seen = results.columns(label, seed)
        width = prepared.features.shape[1] if seen is None else len(seen)
        network = build(recipe.model, (width,), outputs)
        valid = prepared.split(seed).valid
        rows = valid[np.unique(np.rint(np.linspace(0, len(valid) - 1, most)).astype(int))]

        def answer(
            features: np.ndarray,
            seed: int = seed,
            seen: np.ndarray | None = seen,
            network: object = network,
            weights: object = weights,
        ) -> np.ndarray:
            inputs = prepared.inputs_of(features, seed, seen)
            found = predictions(forward(network, weights, inputs), task)  # type: ignore[arg-type]
            return prepared.original(found, seed) if task == "regression" else found

        every = np.arange(prepared.features.shape[1]) if seen is None else seen
        yield Answers(seed, prepared.features[rows], prepared.target[rows], answer, every)
