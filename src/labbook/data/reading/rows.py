"""What every kind of file with a table can be asked."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

CHUNK = 20_000  # rows at a time
# A column's fields of some rows as the file has them: texts, or float64 with NaN where empty.
Fields = Sequence[str] | np.ndarray


class Rows(Protocol):
    """A file with a table, of which nothing but the names of its columns is kept in memory."""

    source: str  # what messages call the file
    named: list[str]  # the columns' names in the file, in order

    def chunks(self, columns: Sequence[int]) -> Iterator[list[Fields]]:
        """The fields of these columns (by number), some rows at a time, in one pass."""

    def find(self, row: int) -> tuple[str, Sequence[str]]:
        """Where the row (from 0) stands, and its fields; by a second, slow pass."""
