"""Tables: from files to features and a target."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from labbook.data.arrangement import arrangement, how_split
from labbook.data.columns import Encoding, encode, names_of, needed
from labbook.data.encodings import encodings_of, kinds_of, refuse_empty, refuse_large
from labbook.data.identifiers import candidates, identifiers
from labbook.data.kinds.kind import Kind
from labbook.data.numbers import Numbers, unknown_numbers
from labbook.data.reading.names import require
from labbook.data.readings import told
from labbook.data.table_file import TableFile, column_names, read_table
from labbook.data.target import target_of
from labbook.errors import LabbookError, together
from labbook.params.sources import BOSTON, PACKAGED
from labbook.params.tables import Form, Table

MOST_BYTES = 50_000_000  # of a table that is read only to be checked
END_BYTES = 100_000  # of its end, with more than the last line


def read_tabular(dataset: Table, raw: Path | None) -> Numbers:
    """Read the tables in the folder `raw`, or the user's own; rows of a fixed test set last.

    Raises `LabbookError` for columns that are missing, text, empty fields, single classes and
    classes that are none.
    """
    fixed = [part for part in ("valid", "test") if getattr(dataset.split, part) == "fixed"]
    names = _features(dataset, raw)
    parts = together(*(partial(_labelled, dataset, raw, role, names) for role in ("table", *fixed)))
    *_, (target, classes) = together(
        *(partial(refuse_large, part) for part in parts),
        *(partial(refuse_empty, dataset, part, names) for part in parts),
        partial(target_of, dataset, parts),
    )
    encodings = encodings_of(dataset, names, parts)
    features = together(*(partial(encode, encodings, part) for part in parts))
    rest = None if dataset.unlabelled is None else _unlabelled(dataset, raw, names)
    id_column, ids, sentences = identifiers(dataset, rest) if rest else ("", (), [])
    groups, times = arrangement(dataset, partial(_read_texts, dataset, raw))
    sizes = dict(zip(fixed, (part.rows for part in parts[1:]), strict=True))
    return Numbers(
        kind="table",
        task=dataset.task,
        features=features[0] if len(features) == 1 else np.concatenate(features),
        target=target,
        target_name=dataset.target,
        feature_names=names_of(encodings),
        classes=classes,
        unlabelled=encode(encodings, rest) if rest else None,
        unlabelled_ids=ids,
        fixed=sizes.get("test", 0),
        fixed_valid=sizes.get("valid", 0),
        groups=groups,
        times=times,
        table=dataset.path or dataset.main_file,
        target_column=parts[0].written[dataset.target],
        id_column=id_column,
        encodings=encodings,
        log_target=dataset.log_target,
        told=(*how_split(dataset), *told(dataset, encodings, parts), *sentences),
    )


def form_of(dataset: Table) -> Form:
    """How the files of a data set are read; those of a package are plain CSV."""
    if dataset.package is not None:
        return Form()
    return Form(**{name: getattr(dataset, name) for name in Form.model_fields})


def _file(dataset: Table, raw: Path | None, role: str) -> tuple[Path, str]:
    """Where the file with a role lies, and what people call it: theirs, and not our copy of it."""
    own = str(dataset.path if role == "table" else getattr(dataset, role))
    path = Path(own) if raw is None else raw / dataset.raw_name(role)
    return path, str(path) if dataset.path is None else own


def _features(dataset: Table, raw: Path | None) -> list[str]:
    """Names of the columns that features come from, in the order of the main file."""
    path, source = _file(dataset, raw, "table")
    names = column_names(path, form_of(dataset), source)
    group = [dataset.split.group] if dataset.split.group else []
    listed = {
        "target": [dataset.target],
        "id": [dataset.id] if dataset.id else [],
        "drop": dataset.drop,
        "categorical": dataset.categorical,
        "ordinal": list(dataset.ordinal),
        "dates": list(dataset.dates),
        "split.group": group,
        "split.time": [dataset.split.time] if dataset.split.time else [],
    }
    together(*(partial(require, source, names, those, key) for key, those in listed.items()))
    left_out = {dataset.target, dataset.id, *dataset.drop} | {*group} - {*dataset.categorical}
    if features := [name for name in names if name not in left_out]:
        return features
    raise LabbookError(f"{source}: no column is left beside the target.")


def _asked(dataset: Table, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Features to be read as numbers, and those to be read as texts."""
    return needed([Encoding(name, kind) for name, kind in kinds_of(dataset, names).items()])


def _labelled(dataset: Table, raw: Path | None, role: str, names: Sequence[str]) -> TableFile:
    """The features and the target of a file."""
    path, source = _file(dataset, raw, role)
    numbers, texts = _asked(dataset, names)
    read = partial(read_table, path, form_of(dataset), source=source)
    if role != "table":
        there = column_names(path, form_of(dataset), source)
        require(source, there, [dataset.target, *names], role)
    target = [dataset.target]
    try:
        if dataset.task == "classification":
            return read(numbers=numbers, texts=texts + target)
        return read(numbers=numbers + target, texts=texts, target=dataset.target)
    except LabbookError as error:
        if path.stat().st_size <= MOST_BYTES:
            together(partial(_raise, error), partial(_refuse_empty_too, dataset, read, names))
        raise


def _raise(error: LabbookError) -> None:
    """To tell it together with others."""
    raise error


def _refuse_empty_too(dataset: Table, read: Callable[..., TableFile], names: Sequence[str]) -> None:
    """The same of a file that cannot be read as numbers."""
    refuse_empty(dataset, read(texts=names), names)


def _read_texts(dataset: Table, raw: Path | None, role: str, names: Sequence[str]) -> TableFile:
    """Columns of the file with a role as texts."""
    path, source = _file(dataset, raw, role)
    require(source, column_names(path, form_of(dataset), source), names, role)
    return read_table(path, form_of(dataset), texts=names, source=source)


def _unlabelled(dataset: Table, raw: Path | None, names: Sequence[str]) -> TableFile:
    """The features of the rows to be predicted, and what may name them."""
    path, source = _file(dataset, raw, "unlabelled")
    there = column_names(path, form_of(dataset), source)
    ids = candidates(dataset, there)
    require(source, there, [*names, *([dataset.id] if dataset.id else [])], "unlabelled")
    numbers, texts = _asked(dataset, names)
    rest = read_table(path, form_of(dataset), numbers=numbers, texts=[*texts, *ids], source=source)
    refuse_empty(dataset, rest, names)
    refuse_large(rest)
    return rest


def preview_table(dataset: Table) -> tuple[Numbers | None, list[str]]:
    """The user's own table if it is read quickly; of a package's table names and number of rows."""
    if dataset.path is not None and Path(dataset.path).stat().st_size > MOST_BYTES:
        return None, ["a large table, to be read when it is prepared."]
    if dataset.path is not None:
        return read_tabular(dataset, None), _cut_off(dataset, dataset.path)
    if dataset.package == "boston" and dataset.task == "regression":
        left_out = {*dataset.drop, dataset.target}
        names = tuple(name for name in BOSTON.split(",") if name not in left_out)
        rows, _ = PACKAGED["boston"]
        return unknown_numbers(rows, names, dataset.target, dataset.main_file), []
    return None, []


def _cut_off(dataset: Table, path: str) -> list[str]:
    """A sentence on the user's own table if its last line does not end, as where it was cut off.

    A quotation mark at its end has been closed, so it is no value that was cut.
    """
    if Path(path).suffix.lower() in (".xlsx", ".xls", ".parquet"):
        return []
    with Path(path).open("rb") as file:
        file.seek(-min(END_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
        end = file.read()
    if end.endswith((b"\n", b"\r", b'"')):
        return []
    delimiter = None if dataset.delimiter == "whitespace" else dataset.delimiter.encode()
    last = (end.splitlines()[-1].split(delimiter) or [b""])[-1]
    value = last.decode(errors="replace").strip()[:40]
    return [
        f"{path} has no newline at its end. Some editors save so; but if the file was cut "
        f"off, its last value ({value!r}) is wrong."
    ]


KIND = Kind(read_tabular, preview_table)
