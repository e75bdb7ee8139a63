"""Numbers in CSV and JSON files: floats round-trip; what is no number is empty, or null."""

import csv
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from labbook.files import write_text


def write_table(path: Path, table: pd.DataFrame) -> None:
    r"""Write a CSV file with `\n` line ends; floats round-trip, NaN and None are empty fields."""
    places = range(table.shape[1])  # two columns may have one name
    columns = [[_field(value) for value in table.iloc[:, i].tolist()] for i in places]
    lines: list[str] = []
    # With \r\n at the ends a \r in a text is quoted by all versions of Python, as a \n is.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*columns, strict=True))
    write_text(path, "".join(line[:-2] + "\n" for line in lines))


def null_for_nan(value: Any) -> Any:
    """The content of a JSON file with plain numbers, None in place of those that are not finite."""
    if isinstance(value, Mapping):
        return {name: null_for_nan(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [null_for_nan(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value


def float_text(value: float | np.floating) -> str:
    """The shortest text that gives `value` back in its own precision, 32 or 64 bits."""
    return repr(value) if type(value) is float else str(value)


def _field(value: Any) -> Any:
    if type(value) is float:  # most values: quick
        return value if isfinite(value) else ""
    if isinstance(value, float | np.floating):
        return float_text(value) if np.isfinite(value) else ""
    return value
