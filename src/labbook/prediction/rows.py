"""New rows from a file, read as training read its table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labbook.data.columns import Encoding, blocks, encode
from labbook.data.table_file import TableFile, column_names
from labbook.errors import LabbookError
from labbook.prediction.champion import Champion
from labbook.prediction.new_images import FILE, read_new_images
from labbook.prediction.new_table import (
    as_trained,
    numbers_of_classes,
    others,
    read_columns,
    refuse_missing,
    target_of,
)

ROW = "row"  # the name of rows without an id of their own: 1, 2, 3


@dataclass(frozen=True)
class NewRows:
    """Rows of a file.

    `values` (rows, columns) has the columns of the encodings `used`, which stand at `places`
    (columns,) among all of the data set; of images it is (rows, height, width), uint8. `target` is
    (rows,), NaN or -1 where it is unknown; None where the file has no such column.
    """

    source: str
    id_name: str
    ids: Sequence[str]
    values: np.ndarray
    width: int  # columns of the data set
    places: np.ndarray
    used: tuple[Encoding, ...] = ()
    table: TableFile | None = None
    target: np.ndarray | None = None
    told: list[str] = field(default_factory=list)

    def features(self, begin: int, end: int) -> np.ndarray:
        """Rows as the data set has them: (rows, all its columns), 0 where nobody looks."""
        if self.values.dtype == np.uint8:
            return self.values[begin:end]
        features = np.zeros((end - begin, self.width))
        features[:, self.places] = self.values[begin:end]
        return features


def read_rows(champion: Champion, path: Path) -> NewRows:
    """The rows of a file for a champion.

    Raises `LabbookError` for a file without the columns that the model looks at, for fields that
    cannot be read, and for images of another size.
    """
    if champion.about.rows.kind == "images":
        return _images(champion, path)
    form, source = champion.about.rows.form, str(path)
    names = column_names(path, form, source)
    used, places = used_encodings(champion)
    refuse_missing(champion, [one.name for one in used], names, source)
    told = others(champion, names)
    table = read_columns(champion, path, used, names, told)
    if not table.rows:
        raise LabbookError(f"{source}: has no rows below the names of its columns.")
    id_name = champion.about.rows.id
    has_id = id_name is not None and id_name in names
    return NewRows(
        source=source,
        id_name=id_name if has_id and id_name else ROW,
        ids=list(table.texts[id_name]) if has_id and id_name else _numbered(table.rows),
        values=as_trained(lambda: encode(used, table)),
        width=len(champion.prepared.feature_names),
        places=places,
        used=used,
        table=table,
        target=target_of(champion, table, told),
        told=told,
    )


def _numbered(rows: int) -> list[str]:
    return [str(number) for number in range(1, rows + 1)]


def used_encodings(champion: Champion) -> tuple[tuple[Encoding, ...], np.ndarray]:
    """The encodings that the model looks at, and the places of their columns (columns,)."""
    chosen = champion.columns
    used, places = [], []
    for one, at in blocks(champion.encodings):
        own = np.arange(at.start, at.stop)
        if chosen is None or np.isin(own, chosen).any():
            used.append(one)
            places.append(own)
    return tuple(used), np.concatenate(places) if places else np.empty(0, int)


def _images(champion: Champion, path: Path) -> NewRows:
    """New images, called by their files or by numbers."""
    images = read_new_images(champion, path)
    told: list[str] = []
    target = None
    if any(images.classes):
        target = numbers_of_classes(champion, images.classes, told)
    return NewRows(
        source=str(path),
        id_name=FILE if images.files else ROW,
        ids=images.files or _numbered(len(images.values)),
        values=images.values,
        width=0,
        places=np.empty(0, int),
        target=target,
        told=told,
    )
