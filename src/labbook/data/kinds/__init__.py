"""How the raw files of a data set are read, by the kind that params.yaml gives it.

A new kind is a block in params/datasets.py, a module here with a function from the block and the
folder of its files to `Numbers`, and an entry in `READERS`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from labbook.data.kinds.function import read_points
from labbook.data.kinds.images import read_images
from labbook.data.kinds.table import read_tabular
from labbook.data.numbers import Numbers
from labbook.params.datasets import Dataset

READERS: dict[str, Callable[[Any, Path], Numbers]] = {
    "table": read_tabular,
    "images": read_images,
    "function": read_points,
}


def read_numbers(dataset: Dataset, raw: Path) -> Numbers:
    """Read the files of `dataset` in the folder `raw`."""
    return READERS[dataset.kind](dataset, raw)
