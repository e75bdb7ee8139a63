"""Numbers in CSV and JSON files: floats round-trip; what is no number is empty, or null."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.files import write_text


def write_table(path: Path, table: pd.DataFrame) -> None:
    r"""Write a CSV file with `\n` line ends; floats round-trip, NaN and None are empty fields."""
    rows = zip(*(table.iloc[:, place].tolist() for place in range(table.shape[1])), strict=True)
    lines = [_line(table.columns), *(_line([_field(value) for value in row]) for row in rows)]
    write_text(path, "".join(lines))


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


def _line(fields: Sequence[Any]) -> str:
    r"""One line, with `\n` at its end whereas the `\r` in a text is quoted (by all versions)."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(fields)
    return buffer.getvalue().removesuffix("\r\n") + "\n"


def _field(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float_text(value) if np.isfinite(value) else ""
    return value
