"""What a prediction for new rows needs besides the weights, as champion.json holds it.

`labbook.prediction.about` reads it back and says what each entry is.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from labbook.data.columns import Encoding, blocks
from labbook.evaluate.choice import Choice
from labbook.evaluate.conformal import conformal_entry
from labbook.evaluate.ensemble import ensemble_entry
from labbook.evaluate.statistics.intervals import metric_interval
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.tables import Form

if TYPE_CHECKING:
    from labbook.data.prepared import Prepared
    from labbook.params.datasets import Dataset

ROWS_OF_A_SPLIT = ("train", "valid", "test")


def taken_away(results: StudyRuns, choice: Choice) -> dict[str, Any]:
    """The entries `rows`, `conformal`, `members`, `ensemble` and `measures` of champion.json."""
    label = choice.label
    members = [
        {"seed": seed, "run": results.study.runs[label, seed]}
        for seed in results.study.seeds
        if results.records[label, seed].best_epoch  # one that diverged has no weights
    ]
    return {
        "rows": _rows(results, choice),
        "conformal": conformal_entry(results, choice),
        "members": members,
        "ensemble": ensemble_entry(results, label),
        "measures": {
            name: asdict(metric_interval(results.values(label, name), name))
            for name in results.metrics
            if name.startswith("test_")
        },
    }


def _rows(results: StudyRuns, choice: Choice) -> dict[str, Any]:
    """How a row of the file becomes what the network is given."""
    prepared, split = results.prepared, results.prepared.split(choice.seed)
    columns = results.columns(choice.label, choice.seed)
    encodings = prepared.encodings or [Encoding(n, "number") for n in prepared.feature_names]
    return {
        "kind": prepared.kind,
        "shape": list(prepared.features.shape[1:]),
        "form": form_of(results.dataset),
        "id": getattr(results.dataset, "id", None),
        "target": prepared.target_column,
        "encodings": [asdict(one) for one in encodings] if prepared.kind == "table" else [],
        "columns": None if columns is None else [int(column) for column in columns],
        "fitted": fitted_values(split),
        "training": {"rows": len(split.train)} | _seen(prepared, split.train, encodings),
    }


def form_of(dataset: "Dataset | None") -> dict[str, Any]:
    """The settings by which a table's file is read; the usual ones of data that are made."""
    names = Form.model_fields
    if isinstance(dataset, Form):
        return dataset.model_dump(mode="json", include=set(names))
    header = getattr(dataset, "header", True)  # of a table of pixels
    return Form(header=header).model_dump(mode="json")


def fitted_values(split: Any) -> dict[str, Any]:
    """What was fitted on a split's training rows, as plain values; no entry for what is not."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in vars(split).items()
        if name not in ROWS_OF_A_SPLIT and value is not None
    }


def _seen(
    prepared: "Prepared", train: np.ndarray, encodings: Sequence[Encoding]
) -> dict[str, list[float]]:
    """Smallest, largest and number of empty fields of each column's training rows; {} of images."""
    if prepared.kind == "images":
        return {}
    training = prepared.features[train]
    empty = np.isnan(training)
    low = np.where(empty, np.inf, training).min(axis=0)
    high = np.where(empty, -np.inf, training).max(axis=0)
    missing = empty.sum(axis=0)
    for one, at in blocks(encodings):
        if one.kind == "category":  # an empty field is of no category, or has a column of its own
            levels = training[:, at][:, : len(one.levels)]
            missing[at] = (np.nansum(levels, axis=1) == 0).sum()
    return {"low": low.tolist(), "high": high.tolist(), "missing": missing.tolist()}
