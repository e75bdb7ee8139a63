"""Cells of an Excel file as the fields that a text file would have."""

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any


def trimmed(cells: Sequence[Any], decimal: str) -> list[str]:
    """The texts of a row's cells without empty ones at its end."""
    row = [_text(cell, decimal) for cell in cells]
    while row and not row[-1].strip():
        row.pop()
    return row


def has_formulas(packed: zipfile.ZipFile, name: str) -> bool:
    """Whether a sheet has formulas, by its name in the packed file."""
    end = b""
    with packed.open(name) as file:
        while block := file.read(1_000_000):
            if b"<f>" in end + block or b"<f " in end + block:
                return True
            end = block[-2:]
    return False


def _text(cell: Any, decimal: str) -> str:
    """A cell as a text file would have it: a number with all digits, a date as ISO 8601 has it."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()  # as Excel shows it
        case float() | int():
            return str(cell).replace(".", decimal)
        case datetime():
            return str(cell.date() if cell.time() == time() else cell)
        case date() | time():
            return cell.isoformat()
    return str(cell)
