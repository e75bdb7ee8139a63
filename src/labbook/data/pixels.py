"""A table with the pixels of an image in each row, and a column with its class."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from labbook.data.pictures import Part
from labbook.data.reading.names import require
from labbook.data.table_file import TableFile, column_names, read_table
from labbook.errors import LabbookError
from labbook.params.images import Images
from labbook.params.tables import Form

WHITE = 255


def read_pixels(path: Path, source: str, dataset: Images) -> Part:
    """Images and classes of a table; pixels from 0 to 1 are taken for 255 levels, all rounded.

    Raises `LabbookError` for columns that make no image, and fields that are no brightness.
    """
    form = Form(header=dataset.header, delimiter="\t" if path.suffix == ".tsv" else ",")
    target = str(dataset.target)
    names = column_names(path, form, source)
    require(source, names, [target], "target")
    pixels = [name for name in names if name != target]
    shape = _shape(len(pixels), dataset.height, source, target)
    table = read_table(path, form, numbers=pixels, texts=[target], source=source)
    classes = table.texts[target]
    if len(empty := np.flatnonzero(classes == "")):
        raise LabbookError(
            f"{source}, {table.place(int(empty[0]))}: has no class in the column {target!r}. "
            f"Fill in or remove such rows ({len(empty):,} of {table.rows:,})."
        )
    return levels_of(table, pixels).reshape(table.rows, *shape), classes.astype(str)


def _shape(pixels: int, height: int | None, source: str, target: str) -> tuple[int, int]:
    """Rows and columns of an image."""
    rows = height or math.isqrt(pixels)
    if not rows or pixels % rows or (height is None and rows * rows != pixels):
        asked = f"no multiple of `height: {height}`" if height else "no square"
        raise LabbookError(
            f"{source}: has {pixels:,} columns beside {target!r}, {asked}. All of them must be "
            "pixels, row by row: remove the others, and set `height` if images are not square."
        )
    return rows, pixels // rows


def levels_of(table: TableFile, pixels: Sequence[str]) -> np.ndarray:
    """The pixels (rows, pixels) as uint8, column by column: a table of floats is large."""
    for name in pixels:
        _refuse(table, name, np.isnan(table.numbers[name]), "is empty")
        beyond = (table.numbers[name] < 0) | (table.numbers[name] > WHITE)
        _refuse(table, name, beyond, "is no brightness from 0 to 255, or from 0 to 1")
    highest = max((table.numbers[name].max(initial=0) for name in pixels), default=0)
    scale = WHITE if highest <= 1 else 1
    levels = np.empty((table.rows, len(pixels)), np.uint8)
    for number, name in enumerate(pixels):
        levels[:, number] = np.rint(table.numbers[name] * scale)
    return levels


def _refuse(table: TableFile, name: str, wrong: np.ndarray, why: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        value = table.numbers[name][row]
        shown = "the field" if math.isnan(value) else f"{value:g}"
        raise LabbookError(
            f"{table.source}, {table.place(row)}, column {name!r}: {shown} {why}. Every column "
            "but the target is a pixel; correct it, or remove the column."
        )
