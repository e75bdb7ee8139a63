"""The target of a table: a quantity or classes, or what keeps it from being either."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from labbook.data.reading.names import refuse_missing
from labbook.data.spelling import spellings, written_alike
from labbook.data.table_file import TableFile
from labbook.errors import LabbookError
from labbook.params.tables import Table

FEW_CLASSES = 20  # up to here most of them may have a single row: a first try


def target_of(dataset: Table, parts: Sequence[TableFile]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The target (rows,) and, for classification, the names of its classes in order.

    Raises `LabbookError` for empty fields, single classes, classes that are none, and quantities
    without a logarithm where one is asked for.
    """
    name, task = dataset.target, dataset.task
    for part in parts:
        if task == "regression":
            empty = int(np.isnan(part.numbers[name]).sum())
        else:
            empty = sum(not label for label in part.texts[name])
        remedy = "Rows without a target cannot be learned from: fill them in or remove them."
        if task == "classification":
            remedy += f" If NA or None is a class, set `missing_marks: {{{name}: []}}`."
        refuse_missing(part.source, [name], [empty], remedy)
    if task == "classification":
        return _classes(dataset, parts)
    if dataset.log_target:
        for part in parts:
            _refuse_no_logarithm(name, part)
    return np.concatenate([part.numbers[name] for part in parts]), ()


def _refuse_no_logarithm(name: str, part: TableFile) -> None:
    values = part.numbers[name]
    rows = np.flatnonzero(values <= 0)
    if len(rows):
        raise LabbookError(
            f"{part.source}, {part.place(int(rows[0]))}, column {name!r}: {values[rows[0]]:g} has "
            f"no logarithm ({len(rows):,} of {len(values):,} rows are not above 0). Leave out "
            "`log_target`, or correct or remove these rows."
        )


def _classes(dataset: Table, parts: Sequence[TableFile]) -> tuple[np.ndarray, tuple[str, ...]]:
    place = f"{parts[0].source}, column {dataset.target!r}"
    labels = [label for part in parts for label in part.texts[dataset.target]]
    classes = sorted(set(labels))
    _refuse_spellings(dataset.target, parts)
    if numeric := all_numbers(classes):
        classes.sort(key=float)
    if len(classes) < 2:
        raise LabbookError(
            f"{place}: has the single class {classes[0]!r}, and a classification needs at least "
            "two."
        )
    # Classes that are as good as names of single rows:
    single = sum(count == 1 for count in Counter(labels).values())
    mostly_single = len(classes) > FEW_CLASSES and 2 * single > len(classes)
    if len(classes) > max(2, len(labels) / 2) or mostly_single:
        advice = "Choose another target, or give rare classes one name."
        if numeric:
            advice = "It looks like a quantity: set `task: regression`."
        raise LabbookError(
            f"{place}: has {len(classes):,} classes in {len(labels):,} rows, {single:,} of them "
            f"with a single row, of which nothing can be learned and measured. {advice}"
        )
    number = {label: i for i, label in enumerate(classes)}
    return np.array([number[label] for label in labels], np.int64), tuple(classes)


def _refuse_spellings(target: str, parts: Sequence[TableFile]) -> None:
    """Raise `LabbookError` for classes that people would read as one."""
    rows = Counter(label for part in parts for label in part.texts[target])
    groups = written_alike(rows)
    if not groups:
        return
    of_training = set(parts[0].texts[target])
    for part in parts[1:]:
        unseen = {*part.texts[target]} - of_training
        if any(unseen & set(group) for group in groups):
            where, why = part.source, f"classes that no row of {parts[0].source} has"
            break
    else:
        where, why = parts[0].source, "classes that differ only in how they are written"
    counts = ", ".join(f"{label!r} {rows[label]:,}" for group in groups[:3] for label in group)
    raise LabbookError(
        f"{where}, column {target!r}: {why}: {spellings(groups)} (rows: {counts}). Write each in "
        "one way in all files, without blanks, other capitals or a full stop at the end; if they "
        "are different classes, give them names that differ in more."
    )


def unseen_classes(target: str, parts: Sequence[TableFile]) -> Iterator[str]:
    """Sentences about classes of files of fixed rows that the first file never has."""
    known = set(parts[0].texts.get(target, ()))
    for part in parts[1:]:
        rows = Counter(label for label in part.texts.get(target, ()) if label not in known)
        if rows:
            names = ", ".join(repr(label) for label in sorted(rows)[:FEW_CLASSES])
            yield (
                f"{part.source}: {sum(rows.values()):,} rows have a class that no row of "
                f"{parts[0].source} has ({names}): no model can learn it, and each of them counts "
                "as a mistake."
            )


def all_numbers(labels: Iterable[str]) -> bool:
    """Whether every label is a number."""
    try:
        return all(math.isfinite(float(label)) for label in labels)
    except ValueError:
        return False
