"""Describe: what a data set looks like, for people. Nothing is trained on it.

Ranges, counts, histograms and images are of the training rows of the first split alone. Who looks
at a column and then changes a setting has used what was seen; so nothing of that split's validation
and test rows is shown, and of rows that are a test for every seed (a file of their own, the last in
time) nothing at all.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from labbook.data.arrangement import how_split
from labbook.data.columns import Encoding, blocks
from labbook.data.prepare import stratified
from labbook.data.prepared import Prepared
from labbook.data.splits import BINS
from labbook.data.summaries import summary_of_levels, summary_of_numbers
from labbook.data.thumbnails import thumbnails
from labbook.metrics import PARTS
from labbook.params.datasets import Dataset
from labbook.params.tables import Table
from labbook.wording import PART_WORDS


def describe(
    name: str, dataset: Dataset, prepared: Prepared, files: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What description.json says of the data set `name`.

    `files` are the raw ones by name, each with its size and SHA-256.
    """
    seed, split = next(iter(prepared.splits.items()))
    how = list(_how_divided(dataset, prepared))
    return {
        "name": name,
        "kind": prepared.kind,
        "task": prepared.task,
        "edition": prepared.edition,
        "note": prepared.note,
        "files": [{"name": file, **files[file]} for file in sorted(files)],
        "rows": len(prepared.target),
        "row_shape": list(prepared.row_shape()),
        "unlabelled": 0 if prepared.unlabelled is None else len(prepared.unlabelled),
        "left_out": list(_left_out(dataset)),
        "split": {
            "how": how,
            "seeds": list(prepared.splits),
            "parts": {part: len(getattr(split, part)) for part in PARTS},
        },
        "remarks": [remark for remark in prepared.remarks if remark not in how],
        "seed": seed,  # of whose training rows all that follows is
        **_looks(prepared, split.train),
    }


def _looks(prepared: Prepared, rows: np.ndarray) -> dict[str, Any]:
    """The target, the columns of a table and images of each class, of these rows alone."""
    target, features = prepared.target[rows], prepared.features[rows]
    of_classes, images = prepared.task == "classification", prepared.kind == "images"
    counts = np.bincount(target, minlength=len(prepared.classes)) if of_classes else ()
    return {
        "target": {
            "name": prepared.target_name,
            **({} if of_classes else summary_of_numbers(target)),
        },
        "classes": [[n, int(c)] for n, c in zip(prepared.classes, counts, strict=of_classes)],
        "columns": [] if images else list(_columns(prepared, features)),
        "images": thumbnails(features, target, prepared.classes) if images else None,
    }


def _columns(prepared: Prepared, features: np.ndarray) -> Iterator[dict[str, Any]]:
    """What each column of the file looks like; of dates the parts that are used."""
    if not prepared.encodings:
        for name, values in zip(prepared.feature_names, features.T, strict=True):
            yield {"name": name, "kind": "number", **summary_of_numbers(values)}
    for one, at in blocks(prepared.encodings):
        values = features[:, at]
        if one.kind == "category":
            yield {"name": one.name, "kind": one.kind, **_category(one, values)}
        elif one.kind == "ordinal":
            yield {"name": one.name, "kind": one.kind, **_ordinal(one, values[:, 0])}
        else:
            names = one.feature_names[: len(one.feature_names) - one.indicator]
            for name, column in zip(names, values.T[: len(names)], strict=True):
                yield {"name": name, "kind": one.kind, **summary_of_numbers(column)}


def _category(one: Encoding, values: np.ndarray) -> dict[str, Any]:
    """Of 0/1 columns (rows, levels and marks): a row without a 1 among its levels is empty."""
    ones = np.nan_to_num(values[:, : len(one.levels)])
    missing = len(ones) - int(ones.sum())
    return summary_of_levels(one.levels, ones.sum(axis=0).astype(int), missing, ordered=False)


def _ordinal(one: Encoding, ranks: np.ndarray) -> dict[str, Any]:
    known = ranks[~np.isnan(ranks)].astype(int)
    counts = np.bincount(known, minlength=len(one.levels))
    return summary_of_levels(one.levels, counts, len(ranks) - len(known), ordered=True)


def _left_out(dataset: Dataset) -> Iterator[str]:
    """Columns of the file that are no features."""
    names = [*getattr(dataset, "drop", ()), getattr(dataset, "id", None), dataset.split.group]
    used = getattr(dataset, "categorical", ())
    yield from dict.fromkeys(name for name in names if name and name not in used)


def _how_divided(dataset: Dataset, prepared: Prepared) -> Iterator[str]:
    """How rows come into their parts, in sentences."""
    split = dataset.split
    fixed = [part for part in ("valid", "test") if getattr(split, part) == "fixed"]
    for part in fixed:
        rows = f"The {PART_WORDS[part]} rows"
        yield f"{rows} are those of a file of their own, the same for every seed."
    if len(fixed) < 2 and not (split.time or split.folds):
        yield f"The {'other ' if fixed else ''}rows are shared out by chance, anew for every seed."
    if isinstance(dataset, Table):
        yield from how_split(dataset)
    if len(fixed) < 2 and stratified(dataset, prepared):
        ranges = f"{BINS} ranges of the target with equally many rows"
        what = "the classes" if prepared.task == "classification" else ranges
        yield f"The parts that are drawn have the shares of {what}."
    if sample := dataset.rows_drawn():
        yield f"Each seed draws {sample:,} rows."
