"""Run files: one training each, a function of its identity alone.

safetensors with a JSON header: nothing in it is ever executed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.tensors import TensorsError, header_type, read_header, read_tensors

CONVERGED = "converged"
STOPPED = "stopped early"
STALLED = "stalled"
USED_UP = "budget used up"
UNFINISHED = "budget used up, still improving"
DIVERGED = "diverged"  # before it had learnt anything: it has no metric
DIVERGED_LATER = "diverged after its best epoch"  # whose model is kept, with its metrics
GRADIENT_NORM = "gradient_norm/"  # in front of a layer's name: the curve of its gradient's norm
DIVERGENCES = (DIVERGED, DIVERGED_LATER)
ENDINGS = (CONVERGED, STOPPED, STALLED, USED_UP, UNFINISHED, *DIVERGENCES)


@dataclass(frozen=True)
class RunRecord:
    """What a training leaves behind.

    `epochs` counts the epochs trained (for a diverged run: the epoch it diverged at); `best_epoch`
    is that of the kept weights, 0 where there is none. Metrics are those of the kept weights, in
    the target's original units; those of a run that ended as DIVERGED are NaN. Arrays by name:
    `curves` (epochs,), `weights` (any shape), `predictions` valid, test, unlabelled: (rows,)
    float64, or (rows, classes) float32 as log-probabilities.
    """

    id: str
    identity: Mapping[str, Any]
    ended: str
    epochs: int
    best_epoch: int
    metrics: Mapping[str, float]
    layers: tuple[tuple[str, tuple[int, ...], int], ...] = ()  # name, output shape, parameters
    curves: Mapping[str, np.ndarray] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    predictions: Mapping[str, np.ndarray] = field(default_factory=dict)


GROUPS = ("curves", "weights", "predictions")
HEADER = header_type(RunRecord, GROUPS)


def run_path(folder: Path, run_id: str) -> Path:
    """Where a run's file lies."""
    return Path(folder, f"{run_id}.safetensors")


def write_run(path: Path, record: RunRecord) -> None:
    """Write `record` whole or not at all; equal records give equal bytes."""
    header = {
        "id": record.id,
        "identity": record.identity,
        "ended": record.ended,
        "epochs": record.epochs,
        "best_epoch": record.best_epoch,
        "metrics": {k: v if np.isfinite(v) else None for k, v in record.metrics.items()},
        "layers": record.layers,
    }
    arrays = {
        f"{group}/{name}": np.ascontiguousarray(array)
        for group in GROUPS
        for name, array in sorted(getattr(record, group).items())
    }
    # One metadata entry: safetensors writes several in no fixed order.
    text = json.dumps(header, sort_keys=True, allow_nan=False)
    write_bytes(path, save(arrays, metadata={"labbook": text}))


def read_run(path: Path, groups: tuple[str, ...] = ()) -> RunRecord:
    """Read a run's header and the arrays of the `groups` asked for (curves, weights, predictions).

    Raises `LabbookError` where the file is missing or broken.
    """
    try:
        metadata, found = read_tensors(path, lambda name: name.partition("/")[0] in groups)
        header = read_header(metadata, HEADER)
    except (OSError, TensorsError) as error:
        raise LabbookError(
            f"{path}: not a whole run file ({error}). Remove it and run snakemake again: "
            "that run, and no other, is trained anew."
        ) from error
    arrays: dict[str, Any] = {group: {} for group in groups}
    for key, array in found.items():
        group, _, name = key.partition("/")
        arrays[group][name] = array
    return RunRecord(**header, **arrays)
