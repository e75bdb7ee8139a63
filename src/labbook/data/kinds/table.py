"""From CSV files to features and a target."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from labbook.data import cells
from labbook.data import csv_file as table
from labbook.data.fetching import own
from labbook.data.numbers import Numbers
from labbook.errors import LabbookError, together
from labbook.params.datasets import Table

FEW_CLASSES = 20  # up to here most of them may have a single row: a first try


def read_tabular(dataset: Table, raw: Path, table: Path | None = None) -> Numbers:
    """Read the tables in the folder `raw`, rows of a fixed test set last.

    `table` is read in place of the main one. Raises `LabbookError` for columns that are missing,
    text, empty fields, single classes and classes that are none.
    """
    labelled = [_read(dataset, table or raw / _file(dataset))]
    if dataset.split.test == "fixed":
        labelled.append(_read(dataset, raw / str(dataset.test)))
    first = labelled[0]
    together(
        partial(first.require, [dataset.target], "target"),
        partial(first.require, dataset.drop, "drop"),
        partial(first.require, dataset.categorical, "categorical"),
    )
    names = [n for n in first.cells if n != dataset.target and n not in dataset.drop]
    if not names:
        raise LabbookError(f"{first.source}: no column is left beside the target.")
    for part in labelled[1:]:
        part.require([dataset.target, *names], "test")
    categories = {
        name: sorted({_cell(c) for part in labelled for c in part.cells[name]} - {""})
        for name in names
        if name in dataset.categorical
    }
    *features, (target, classes) = together(
        *(partial(_features, dataset, part, names, categories) for part in labelled),
        partial(_target, dataset, labelled),
    )
    unlabelled: np.ndarray | None = None
    ids: tuple[str, ...] = ()
    if dataset.unlabelled is not None:
        rest = _read(dataset, raw / dataset.unlabelled)
        rest.require(names, "unlabelled")
        unlabelled, ids = _features(dataset, rest, names, categories), _ids(dataset, rest)
    return Numbers(
        "table",
        dataset.task,
        np.concatenate(features),
        target,
        dataset.target,
        tuple(_feature_names(names, categories)),
        classes,
        unlabelled,
        ids,
        sum(len(part.lines) for part in labelled[1:]),
        dataset.path or _file(dataset),
        first.written[dataset.target],
    )


def _file(dataset: Table) -> str:
    if dataset.files is not None:
        return dataset.table or next(iter(dataset.files))
    return own.FILE if dataset.path is not None else f"{dataset.package}.csv"


def _read(dataset: Table, path: Path) -> table.Columns:
    return table.read_table(
        path,
        delimiter=dataset.delimiter if dataset.package is None else ",",
        repeated=dataset.repeated_columns,
        source=dataset.path,  # people know their file and not our copy of it
    )


def _features(
    dataset: Table, part: table.Columns, names: Sequence[str], categories: dict[str, list[str]]
) -> np.ndarray:
    """Numbers, and a 0/1 column per category, (rows, features); NaN where a field is empty."""
    plain = [name for name in names if name not in categories]
    values, _ = together(
        partial(cells.parse_columns, part, plain), partial(_refuse_empty, dataset, part, names)
    )
    columns = dict(zip(plain, values.T, strict=True))
    blocks = [
        _indicators(part.cells[name], categories[name])
        if name in categories
        else columns[name][:, None]
        for name in names
    ]
    return np.concatenate(blocks, axis=1, dtype=np.float64)


def _refuse_empty(dataset: Table, part: table.Columns, names: Sequence[str]) -> None:
    if dataset.missing == "refuse":
        empty = [sum(not _cell(cell) for cell in part.cells[name]) for name in names]
        remedy = "Fill them in, list such columns under `drop`, or set `missing: median`."
        cells.refuse_missing(part.source, names, empty, remedy)


def _indicators(fields: Sequence[str], categories: Sequence[str]) -> np.ndarray:
    """One 0/1 column per category, (rows, categories); an empty field is none of them."""
    labels = np.array([_cell(field) for field in fields])
    return np.asarray(labels[:, None] == np.array(categories, str))


def _feature_names(names: Sequence[str], categories: dict[str, list[str]]) -> list[str]:
    return [
        name if label is None else f"{name}={label}"
        for name in names
        for label in categories.get(name, [None])
    ]


def _target(dataset: Table, parts: Sequence[table.Columns]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The target (rows,) and, for classification, the names of its classes in order."""
    name = dataset.target
    remedy = "Rows without a target cannot be learned from: fill them in or remove them."
    if dataset.task == "regression":
        values = [cells.parse_columns(part, [name], cells.TARGET)[:, 0] for part in parts]
        for part, column in zip(parts, values, strict=True):
            cells.refuse_missing(part.source, [name], [int(np.isnan(column).sum())], remedy)
        return np.concatenate(values), ()
    for part in parts:
        empty = sum(not _cell(c) for c in part.cells[name])
        cells.refuse_missing(part.source, [name], [empty], remedy)
    labels = [_cell(c) for part in parts for c in part.cells[name]]
    classes = sorted(set(labels), key=_class_order(labels))
    if len(classes) < 2:
        raise LabbookError(
            f"{parts[0].source}, column {name!r}: has the single class {classes[0]!r}, and a "
            "classification needs at least two."
        )
    _refuse_many(f"{parts[0].source}, column {name!r}", labels, classes)
    number = {label: i for i, label in enumerate(classes)}
    return np.array([number[label] for label in labels], np.int64), tuple(classes)


def _refuse_many(place: str, labels: Sequence[str], classes: Sequence[str]) -> None:
    """Raise `LabbookError` where classes are as good as names of single rows."""
    single = sum(count == 1 for count in Counter(labels).values())
    mostly_single = len(classes) > FEW_CLASSES and 2 * single > len(classes)
    if len(classes) <= max(2, len(labels) / 2) and not mostly_single:
        return
    advice = "Choose another target, or give rare classes one name."
    if all_numbers(classes):
        advice = "It looks like a quantity: set `task: regression`."
    raise LabbookError(
        f"{place}: has {len(classes):,} classes in {len(labels):,} rows, {single:,} of them with a "
        f"single row, of which nothing can be learned and measured. {advice}"
    )


def all_numbers(labels: Iterable[str]) -> bool:
    """Whether every label is a number."""
    try:
        return all(math.isfinite(float(label)) for label in labels)
    except ValueError:
        return False


def _class_order(labels: Sequence[str]) -> Callable[[str], Any]:
    """Sort by value where all classes are numbers, else by name."""
    return (lambda label: (float(label), label)) if all_numbers(labels) else str


def _cell(text: str) -> str:
    """A category or class without blanks around it, "" where the field is empty."""
    text = text.strip()
    return "" if text.lower() in cells.EMPTY else text


def _ids(dataset: Table, part: table.Columns) -> tuple[str, ...]:
    """The first dropped column that the file has (such as `id`), else row numbers from 0."""
    for name in dataset.drop:
        if name in part.cells:
            return tuple(cell.strip() for cell in part.cells[name])
    return tuple(map(str, range(len(part.lines))))
