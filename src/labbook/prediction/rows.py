"""New rows from a file, read as training read its table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labbook.data.columns import Encoding, blocks, encode, needed
from labbook.data.idx import read_idx
from labbook.data.reading.names import names_like, some
from labbook.data.table_file import TableFile, column_names, read_table
from labbook.errors import LabbookError
from labbook.prediction.champion import Champion
from labbook.wording import count

ROW = "row"  # the name of rows without an id of their own: 1, 2, 3
SHOWN = 8  # columns named in one sentence


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
    _refuse_missing(champion, [one.name for one in used], names, source)
    told = _others(champion, names)
    table = _read(champion, path, used, names, told)
    if not table.rows:
        raise LabbookError(f"{source}: has no rows below the names of its columns.")
    id_name = champion.about.rows.id
    has_id = id_name is not None and id_name in names
    return NewRows(
        source=source,
        id_name=id_name if has_id and id_name else ROW,
        ids=list(table.texts[id_name]) if has_id and id_name else _numbered(table.rows),
        values=encode(used, table),
        width=len(champion.prepared.feature_names),
        places=places,
        used=used,
        table=table,
        target=_target(champion, table, told),
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


def _refuse_missing(
    champion: Champion, wanted: Sequence[str], names: Sequence[str], source: str
) -> None:
    missing = [name for name in wanted if name not in names]
    if not missing:
        return
    by_place = ""
    if not champion.about.rows.form.header:
        by_place = (
            " The file has no header, so columns are known by their place: the target's column has "
            "to be there, too, and may be empty."
        )
    raise LabbookError(
        f"{source}: has no column {missing[0]!r}, which the model looks at"
        f"{f' (nor {some(missing[1:])})' if len(missing) > 1 else ''}. "
        f"{names_like(missing[0], list(names))}{by_place} Nothing was written."
    )


def _others(champion: Champion, names: Sequence[str]) -> list[str]:
    """A sentence on columns that the model has never heard of."""
    known = {one.name for one in champion.encodings}
    known |= {champion.about.rows.target, champion.about.preprocessing.target}
    others = [name for name in names if name not in known and name != champion.about.rows.id]
    if not others:
        return []
    return [f"not used, since the model was trained without: {_few(others)}."]


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _read(
    champion: Champion,
    path: Path,
    used: Sequence[Encoding],
    names: Sequence[str],
    told: list[str],
) -> TableFile:
    """The columns that are needed; with the target where it is there and can be read."""
    about = champion.about
    numbers, texts = needed(used)
    if about.rows.id in names and about.rows.id is not None:
        texts.append(about.rows.id)
    form, source, target = about.rows.form, str(path), about.preprocessing.target
    if target not in names:
        return _features_alone(path, champion, numbers, texts)
    of_classes = about.task == "classification"
    more = ([*numbers], [*texts, target]) if of_classes else ([*numbers, target], [*texts])
    try:
        return read_table(path, form, numbers=more[0], texts=more[1], source=source)
    except LabbookError as error:
        table = _features_alone(path, champion, numbers, texts)
        told.append(f"the target's column is not looked at: {error}")
        return table


def _features_alone(
    path: Path, champion: Champion, numbers: Sequence[str], texts: Sequence[str]
) -> TableFile:
    form = champion.about.rows.form
    try:
        return read_table(path, form, numbers=numbers, texts=texts, source=str(path))
    except LabbookError as error:
        raise LabbookError(
            f"{error} For a prediction the settings are those that the model was trained with: "
            "correct the file, or leave such fields empty. Nothing was written."
        ) from error


def _target(champion: Champion, table: TableFile, told: list[str]) -> np.ndarray | None:
    """The target (rows,) as the data set has it, NaN or -1 where unknown; None without one."""
    name = champion.about.preprocessing.target
    if name in table.numbers:
        values = table.numbers[name]
        return values if np.isfinite(values).any() else None
    if name not in table.texts:
        return None
    number = {label: place for place, label in enumerate(champion.classes)}
    texts = table.texts[name]
    values = np.fromiter((number.get(text, -1) for text in texts), np.int64, len(texts))
    strange = sorted({text for text in texts if text and text not in number})
    if strange:
        rows = int(np.isin(texts, strange).sum())
        told.append(
            f"{count(rows, 'row')} of classes that the model does not know: {_few(strange)}."
        )
    return values if (values >= 0).any() else None


def _images(champion: Champion, path: Path) -> NewRows:
    """Images of an IDX file."""
    height, width = champion.about.rows.shape
    try:
        images = read_idx(path, 3)
    except LabbookError as error:
        raise LabbookError(
            f"{str(error).replace(' Remove the file to have it made anew.', '')} The model "
            f"{champion.about.study} looks at images of {height} x {width}: give them as an IDX "
            "file (MNIST's format: bytes, may be gzipped). Nothing was written."
        ) from error
    if images.shape[1:] != (height, width):
        raise LabbookError(
            f"{path}: has images of {images.shape[1]} x {images.shape[2]}, and the model looks at "
            f"{height} x {width}. Nothing was written."
        )
    return NewRows(
        source=str(path), id_name=ROW, ids=_numbered(len(images)), values=images,
        width=0, places=np.empty(0, int),
    )  # fmt: skip
