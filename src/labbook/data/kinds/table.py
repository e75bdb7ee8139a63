"""Tables: from CSV files to features and a target."""

import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from labbook.data import csv_file
from labbook.data.csv_file import Columns, parse_columns, refuse_missing
from labbook.data.kinds.kind import Kind
from labbook.data.numbers import Numbers, unknown_numbers
from labbook.errors import LabbookError, together
from labbook.params.sources import BOSTON, PACKAGED
from labbook.params.tables import Table

FEW_CLASSES = 20  # up to here most of them may have a single row: a first try
MOST_BYTES = 50_000_000  # of a table that is read only to be checked
END_BYTES = 100_000  # of its end, with more than the last line


def read_tabular(dataset: Table, raw: Path, table: Path | None = None) -> Numbers:
    """Read the tables in the folder `raw`, rows of a fixed test set last.

    `table` is read in place of the main one. Raises `LabbookError` for columns that are missing,
    text, empty fields, single classes and classes that are none.
    """
    first = _read(dataset, table or raw / dataset.main_file)
    labelled = [first]
    if dataset.split.test == "fixed":
        labelled.append(_read(dataset, raw / dataset.raw_name("test")))
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
        name: sorted({_label(cell) for part in labelled for cell in part.cells[name]} - {""})
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
        rest = _read(dataset, raw / dataset.raw_name("unlabelled"))
        rest.require(names, "unlabelled")
        unlabelled = _features(dataset, rest, names, categories)
        # The first dropped column that the file has (such as `id`), else row numbers from 0.
        column = next((name for name in dataset.drop if name in rest.cells), None)
        cells = map(str, range(len(rest.lines))) if column is None else rest.cells[column]
        ids = tuple(cell.strip() for cell in cells)
    return Numbers(
        kind="table",
        task=dataset.task,
        features=np.concatenate(features),
        target=target,
        target_name=dataset.target,
        feature_names=tuple(
            name if label is None else f"{name}={label}"
            for name in names
            for label in categories.get(name, [None])
        ),
        classes=classes,
        unlabelled=unlabelled,
        unlabelled_ids=ids,
        fixed=sum(len(part.lines) for part in labelled[1:]),
        table=dataset.path or dataset.main_file,
        target_column=first.written[dataset.target],
    )


def _read(dataset: Table, path: Path) -> Columns:
    return csv_file.read_table(
        path,
        delimiter=dataset.delimiter if dataset.package is None else ",",
        repeated=dataset.repeated_columns,
        source=dataset.path,  # people know their file and not our copy of it
    )


def _features(
    dataset: Table, part: Columns, names: Sequence[str], categories: dict[str, list[str]]
) -> np.ndarray:
    """Numbers, and a 0/1 column per category, (rows, features); NaN where a field is empty."""

    def refuse_empty() -> None:
        if dataset.missing == "refuse":
            empty = [sum(not _label(cell) for cell in part.cells[name]) for name in names]
            remedy = "Fill them in, list such columns under `drop`, or set `missing: median`."
            refuse_missing(part.source, names, empty, remedy)

    plain = [name for name in names if name not in categories]
    values, _ = together(partial(parse_columns, part, plain), refuse_empty)
    columns = dict(zip(plain, values.T, strict=True))
    blocks = []
    for name in names:
        if name in categories:  # an empty field is of no category
            labels = np.array([_label(cell) for cell in part.cells[name]])
            blocks.append(labels[:, None] == np.array(categories[name], str))
        else:
            blocks.append(columns[name][:, None])
    return np.concatenate(blocks, axis=1, dtype=np.float64)


def _target(dataset: Table, parts: Sequence[Columns]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The target (rows,) and, for classification, the names of its classes in order."""
    name, place = dataset.target, f"{parts[0].source}, column {dataset.target!r}"
    values = []
    if dataset.task == "regression":
        values = [parse_columns(part, [name], csv_file.TARGET)[:, 0] for part in parts]
        missing = [int(np.isnan(column).sum()) for column in values]
    else:
        missing = [sum(not _label(cell) for cell in part.cells[name]) for part in parts]
    for part, empty in zip(parts, missing, strict=True):
        remedy = "Rows without a target cannot be learned from: fill them in or remove them."
        refuse_missing(part.source, [name], [empty], remedy)
    if values:
        return np.concatenate(values), ()
    labels = [_label(cell) for part in parts for cell in part.cells[name]]
    classes = sorted(set(labels))
    if numeric := all_numbers(classes):
        classes.sort(key=float)
    if len(classes) < 2:
        raise LabbookError(
            f"{place}: has the single class {classes[0]!r}, and a classification needs at least "
            "two."
        )
    # Classes that are as good as names of single rows:
    single = sum(count == 1 for count in Counter(labels).values())
    mostly_single = len(classes) > FEW_CLASSES and 2 * single > len(classes)
    if len(classes) > max(2, len(labels) / 2) or mostly_single:
        advice = "Choose another target, or give rare classes one name."
        if numeric:
            advice = "It looks like a quantity: set `task: regression`."
        raise LabbookError(
            f"{place}: has {len(classes):,} classes in {len(labels):,} rows, {single:,} of them "
            f"with a single row, of which nothing can be learned and measured. {advice}"
        )
    number = {label: i for i, label in enumerate(classes)}
    return np.array([number[label] for label in labels], np.int64), tuple(classes)


def all_numbers(labels: Iterable[str]) -> bool:
    """Whether every label is a number."""
    try:
        return all(math.isfinite(float(label)) for label in labels)
    except ValueError:
        return False


def _label(text: str) -> str:
    """A category or class without blanks around it, "" where the field is empty."""
    text = text.strip()
    return "" if text.lower() in csv_file.EMPTY else text


def preview_table(dataset: Table) -> tuple[Numbers | None, list[str]]:
    """The user's own table if it is read quickly; of a package's table names and number of rows."""
    if dataset.path is not None and Path(dataset.path).stat().st_size > MOST_BYTES:
        return None, ["a large table, to be read when it is prepared."]
    if dataset.path is not None:
        return read_tabular(dataset, Path(), Path(dataset.path)), _cut_off(dataset, dataset.path)
    if dataset.package == "boston" and dataset.task == "regression":
        left_out = {*dataset.drop, dataset.target}
        names = tuple(name for name in BOSTON.split(",") if name not in left_out)
        rows, _ = PACKAGED["boston"]
        return unknown_numbers(rows, names, dataset.target, dataset.main_file), []
    return None, []


def _cut_off(dataset: Table, path: str) -> list[str]:
    """A sentence on the user's own table if its last line does not end, as where it was cut off.

    A quotation mark at its end has been closed, so it is no value that was cut.
    """
    with Path(path).open("rb") as file:
        file.seek(-min(END_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
        end = file.read()
    if end.endswith((b"\n", b"\r", b'"')):
        return []
    last = end.splitlines()[-1].rpartition(dataset.delimiter.encode())[2]
    value = last.decode(errors="replace").strip()[:40]
    return [
        f"{path} has no newline at its end. Some editors save so; but if the file was cut "
        f"off, its last value ({value!r}) is wrong."
    ]


KIND = Kind(read_tabular, preview_table)
