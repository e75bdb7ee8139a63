"""A Parquet file as columns, some rows at a time."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np

from labbook.data.reading.rows import CHUNK, Fields
from labbook.errors import LabbookError
from labbook.params import limits
from labbook.params.tables import Form

Broken = (OSError, ValueError, TypeError, KeyError, NotImplementedError)  # pyarrow's are of these


class ParquetRows:
    """The columns of a Parquet file; see `Rows`."""

    def __init__(self, path: Path, form: Form, source: str) -> None:
        import pyarrow.parquet as pq

        self.path, self.form, self.source = path, form, source
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
        except Broken as error:
            raise self._damaged(error) from error
        if len(schema.names) > limits.COLUMNS or not schema.names:
            raise LabbookError(f"{source}: has {len(schema.names):,} columns.")
        self.named = list(schema.names)
        self._fields = list(schema)

    def chunks(self, columns: Sequence[int]) -> Iterator[list[Fields]]:
        """Numbers as float64, all else as texts."""
        import pyarrow.parquet as pq

        for column in columns:
            self._check(column)
        names = list(dict.fromkeys(self.named[column] for column in columns))
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(CHUNK, columns=names, use_threads=False):
                    yield [self._values(batch.column(self.named[column])) for column in columns]
        except Broken as error:
            raise self._damaged(error) from error

    def find(self, row: int) -> tuple[str, Sequence[str]]:
        """The row's number, and its fields."""
        wanted = [i for i in range(len(self.named)) if not self._nested(i)]
        fields = [""] * len(self.named)
        before = 0
        for chunk in self.chunks(wanted):
            if row < before + len(chunk[0]):
                for column, values in zip(wanted, chunk, strict=True):
                    fields[column] = str(values[row - before])
                break
            before += len(chunk[0])
        return f"row {row + 1}", fields

    def _nested(self, column: int) -> bool:
        import pyarrow as pa

        kind = self._fields[column].type
        return bool(pa.types.is_nested(kind) or pa.types.is_binary(kind))

    def _check(self, column: int) -> None:
        if self._nested(column):
            raise LabbookError(
                f"{self.source}: the column {self.named[column]!r} has {self._fields[column].type} "
                "in each row, and a table has one number or text. List it under `drop`, or save "
                "its parts as columns."
            )

    def _values(self, column: Any) -> Fields:
        """A column's numbers (rows,) float64, NaN where null, or its texts, "" where null."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = column.type
        if pa.types.is_dictionary(kind):
            column = column.dictionary_decode()
            kind = column.type
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            values = pc.cast(column, pa.float64(), safe=False)
            return np.asarray(values.to_numpy(zero_copy_only=False), np.float64)
        return [_text(value) for value in column.to_pylist()]

    def _damaged(self, error: Exception) -> LabbookError:
        return LabbookError(
            f"{self.source}: is no whole Parquet file ({str(error)[:100]}). Perhaps it was cut "
            "off: get it anew, or save it again."
        )


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return str(value.date() if value.time() == time() else value)
        case date() | time():
            return value.isoformat()
    return str(value)
