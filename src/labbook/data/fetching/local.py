"""What can be known of a data set before anything is downloaded or prepared."""

import os
from pathlib import Path

import numpy as np

from labbook.data.fetching.packages import BOSTON, BOSTON_ROWS
from labbook.data.kinds.table import read_tabular
from labbook.data.numbers import Numbers
from labbook.params.datasets import Dataset, Function, Table

MOST_BYTES = 50_000_000  # of a table that is read only to be checked
END_BYTES = 100_000  # of its end, with more than the last line


def is_large(dataset: Dataset) -> bool:
    """Whether it is a table of one's own that takes long to read."""
    path = dataset.path if isinstance(dataset, Table) else None
    return path is not None and Path(path).stat().st_size > MOST_BYTES


def known_numbers(dataset: Dataset) -> Numbers | None:
    """One's own table as it is read; of made and packaged ones the names and the number of rows.

    None where they must come first, or take long to read. Raises `LabbookError` where one's own
    table does not hold what `dataset` says.
    """
    match dataset:
        case Function():
            return _empty(dataset.points, ("x",), "y", "the function's points")
        case Table() if dataset.path is not None and not is_large(dataset):
            return read_tabular(dataset, Path(), Path(dataset.path))
        case Table() if dataset.package == "boston" and dataset.task == "regression":
            kept = (name for name in BOSTON.split(",") if name not in dataset.drop)
            names = tuple(name for name in kept if name != dataset.target)
            return _empty(BOSTON_ROWS, names, dataset.target, "boston.csv")
    return None


def _empty(rows: int, names: tuple[str, ...], target: str, table: str) -> Numbers:
    """Rows of a regression whose numbers are not known: the target varies."""
    features = np.zeros((rows, len(names)))
    return Numbers("table", "regression", features, np.arange(rows), target, names, table=table)


def open_end(dataset: Dataset) -> str | None:
    """A sentence on one's own table if its last line does not end, as where it was cut off.

    A quotation mark at its end has been closed, so it is no value that was cut.
    """
    if not isinstance(dataset, Table) or dataset.path is None:
        return None
    with Path(dataset.path).open("rb") as file:
        file.seek(-min(END_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
        end = file.read()
    if end.endswith((b"\n", b"\r", b'"')):
        return None
    last = end.splitlines()[-1].rpartition(dataset.delimiter.encode())[2]
    value = last.decode(errors="replace").strip()[:40]
    return (
        f"{dataset.path} has no newline at its end. Some editors save so; but if the file was cut "
        f"off, its last value ({value!r}) is wrong."
    )
