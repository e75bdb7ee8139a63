"""Whether a run that was made again is the recorded one: by its bits, else by its numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook.errors import LabbookError
from labbook.training.runfile import read_run

IDENTICAL, ROUNDING, DIFFERENT = "identical", "within rounding", "different"
# Another order of additions, on another kind of machine, grows over a training: by how much the
# numbers of a run may differ and still be called the same but for rounding.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Comparison:
    """`weights` is the largest difference of a weight, as a share of the largest of its array;
    `metrics` that of a metric, as a share of it; both None where only sums could be compared.

    `identity` names what the two files were made from and differs.
    """

    outcome: str
    weights: float | None = None
    metrics: float | None = None
    identity: tuple[str, ...] = ()
    note: str = ""


def compare_runs(made: Path, recorded: Path) -> Comparison:
    """Compare two run files."""
    if made.read_bytes() == recorded.read_bytes():
        return Comparison(IDENTICAL, 0.0, 0.0)
    new = read_run(made, ("weights",))
    try:
        old = read_run(recorded, ("weights",))
    except LabbookError:
        return Comparison(DIFFERENT, note="the recorded file is not a whole run file")
    weights = _largest_difference(new.weights, old.weights)
    metrics = _largest_difference(new.metrics, old.metrics)
    endings = [(run.ended, run.epochs, run.best_epoch) for run in (new, old)]
    close = max(weights, metrics) <= TOLERANCE and endings[0] == endings[1]
    note = "" if endings[0] == endings[1] else "it ended otherwise or at another epoch"
    if close and weights == metrics == 0:
        note = "weights and metrics are the same"
    names = dict.fromkeys([*new.identity, *old.identity])
    other = tuple(n for n in names if _text(new.identity.get(n)) != _text(old.identity.get(n)))
    return Comparison(ROUNDING if close else DIFFERENT, weights, metrics, other, note)


def _largest_difference(new: Mapping[str, Any], old: Mapping[str, Any]) -> float:
    """The largest of all arrays, as a share of the largest size in it; infinite for other shapes.

    And where NaN meets a number.
    """
    if {n: np.shape(a) for n, a in new.items()} != {n: np.shape(a) for n, a in old.items()}:
        return float("inf")
    return max((_difference(new[name], old[name]) for name in new), default=0.0)


def _difference(new: Any, old: Any) -> float:
    new, old = np.asarray(new, float), np.asarray(old, float)
    finite = np.isfinite(new)
    if not np.array_equal(finite, np.isfinite(old)):
        return float("inf")
    size = np.abs(old[finite]).max(initial=0.0)
    largest = np.abs(new[finite] - old[finite]).max(initial=0.0)
    return float(largest / size) if size else (float("inf") if largest else 0.0)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
