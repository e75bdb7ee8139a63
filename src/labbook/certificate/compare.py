"""Whether a run that was made again is the recorded one: by its bits, else by its numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook.errors import LabbookError
from labbook.training.runfile import RunRecord, read_run

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
    weights, metrics = _weights(new, old), _metrics(new.metrics, old.metrics)
    endings = [(one.ended, one.epochs, one.best_epoch) for one in (new, old)]
    close = max(weights, metrics) <= TOLERANCE and endings[0] == endings[1]
    note = "" if endings[0] == endings[1] else "it ended otherwise or at another epoch"
    if close and weights == metrics == 0:
        note = "weights and metrics are the same"
    outcome = ROUNDING if close else DIFFERENT
    return Comparison(outcome, weights, metrics, _identity(new.identity, old.identity), note)


def _weights(new: RunRecord, old: RunRecord) -> float:
    if {n: a.shape for n, a in new.weights.items()} != {n: a.shape for n, a in old.weights.items()}:
        return float("inf")
    pairs = [(array.astype(float), old.weights[name]) for name, array in new.weights.items()]
    return max((_difference(one, other) for one, other in pairs), default=0.0)


def _metrics(new: Mapping[str, float], old: Mapping[str, float]) -> float:
    if set(new) != set(old):
        return float("inf")
    pairs = [(np.array([value]), np.array([old[name]])) for name, value in new.items()]
    return max((_difference(one, other) for one, other in pairs), default=0.0)


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference as a share of the largest size; infinite where NaN meets a number."""
    if not np.array_equal(np.isfinite(one), np.isfinite(other)):
        return float("inf")
    finite = np.isfinite(one)
    one, other = one[finite], other[finite].astype(float)
    size = np.abs(other).max(initial=0.0)
    largest = np.abs(one - other).max(initial=0.0)
    return float(largest / size) if size else (float("inf") if largest else 0.0)


def _identity(new: Mapping[str, Any], old: Mapping[str, Any]) -> tuple[str, ...]:
    names = dict.fromkeys([*new, *old])
    return tuple(n for n in names if _text(new.get(n)) != _text(old.get(n)))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
