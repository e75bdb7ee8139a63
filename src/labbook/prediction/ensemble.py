"""All runs of the champion's combination, each with what was fitted on its own split."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from labbook.data.fitted import FittedSplit
from labbook.data.prepared import Prepared, read_prepared
from labbook.data.select import read_selection
from labbook.errors import LabbookError
from labbook.models import build
from labbook.params.features import Features
from labbook.paths import PREPARED, RUNS, SELECTED
from labbook.plan.packs import selection_name
from labbook.prediction.about import model_block
from labbook.prediction.champion import Champion
from labbook.tensors import TensorsError, refuse_other_arrays
from labbook.training.runfile import read_run, run_path

FEWEST = 2
AGAIN = (
    "An ensemble needs the project's folder with its runs: run snakemake there, or predict without "
    "--ensemble."
)


def members(champion: Champion, project: Path = Path()) -> Sequence[Champion]:
    """The champion once for each run of its combination, with that run's weights and split.

    Raises `LabbookError` where runs or data are not in the project's folder, or are no longer
    those that the champion comes from.
    """
    about = champion.about
    if len(about.members) < FEWEST:
        raise LabbookError(f"{about.study}: its champion's combination has a single run. {AGAIN}")
    prepared = read_prepared(project / PREPARED / f"{about.data}.safetensors")
    if not _same_data(prepared, champion):
        raise LabbookError(
            f"{about.study}: the data {about.data} are no longer those of its champion. {AGAIN}"
        )
    return [_member(champion, prepared, one.seed, one.run, project) for one in about.members]


def _same_data(prepared: Prepared, champion: Champion) -> bool:
    """Whether the champion's split is fitted there as it was, on the same columns."""
    if prepared.feature_names != champion.prepared.feature_names and prepared.kind == "table":
        return False
    own = champion.prepared.split(champion.about.seed)
    there = prepared.splits.get(champion.about.seed)
    return there is not None and all(
        _equal(getattr(own, field.name), getattr(there, field.name))
        for field in fields(FittedSplit)
        if field.name not in ("train", "valid", "test")
    )


def _equal(one: Any, other: Any) -> bool:
    """Whether two fitted values are the same; None is one that is not fitted."""
    if one is None or other is None:
        return one is other
    return np.array_equal(np.asarray(one, float), np.asarray(other, float), equal_nan=True)


def _member(champion: Champion, prepared: Prepared, seed: int, run: str, project: Path) -> Champion:
    path = run_path(project / RUNS, run)
    record = read_run(path, ("weights",))
    columns = _columns(champion, seed, project)
    shape = prepared.row_shape(columns)
    network = build(model_block(champion.about.recipe), shape, champion.network.outputs)
    try:
        if record.id != run:
            raise TensorsError(f"it is of the run {record.id}")
        refuse_other_arrays(record.weights, network.weights() | network.buffers())
    except TensorsError as error:
        raise LabbookError(
            f"{path}: is not the run that its name says ({error}). {AGAIN}"
        ) from error
    none = np.empty(0, np.int32)
    split = replace(prepared.split(seed), train=none, valid=none, test=none)
    rows = champion.about.rows.model_copy(
        update={"columns": None if columns is None else columns.tolist()}
    )
    about = champion.about.model_copy(update={"seed": seed, "run": run, "rows": rows})
    fitted = replace(champion.prepared, splits={seed: split})
    return Champion(path, about, network, record.weights, fitted)


def _columns(champion: Champion, seed: int, project: Path) -> np.ndarray | None:
    """The columns that were selected for a seed; None for images."""
    if champion.about.rows.kind == "images":
        return None
    try:
        features = Features.model_validate(champion.about.recipe.get("features") or {})
    except ValidationError as error:
        raise LabbookError(f"{champion.folder}: its recipe is damaged. {AGAIN}") from error
    name = selection_name(features)
    path = project / SELECTED / champion.about.data / f"{name}.json"
    return read_selection(path).columns(seed)
