"""Which rows belong together, and in which order they came: splits follow from it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from labbook.data.dates import days_of
from labbook.data.table_file import TableFile
from labbook.errors import LabbookError
from labbook.params.tables import Table
from labbook.wording import count

Read = Callable[[Sequence[str]], TableFile]  # columns of the main file as texts


def arrangement(dataset: Table, read: Read) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The group of each row of the main file, int64 (rows,), and its time, float64 (rows,).

    None where the split does not ask for it. Raises `LabbookError` for empty fields, and for times
    that are neither numbers nor dates, with the place.
    """
    group, time = dataset.split.group, dataset.split.time
    names = list(dict.fromkeys(filter(None, (group, time))))
    if not names:
        return None, None
    table = read(names)
    for name in names:
        _refuse_empty(table, name)
    groups = np.unique(table.texts[group].astype(str), return_inverse=True)[1] if group else None
    return groups, _times(dataset, table, time) if time else None


def how_split(dataset: Table) -> Iterator[str]:
    """What the split means for the intervals, in sentences."""
    group, time, folds = dataset.split.group, dataset.split.time, dataset.split.folds
    if group:
        yield (
            f"Rows with the same {group} are in one part together, so the figures hold for a new "
            f"{group}; the sizes of the parts follow from whole groups."
        )
    if time:
        which = f"the {group} whose rows end last" if group else "the last rows"
        yield (
            f"The test rows are {which} by {time}, the same for every seed: the intervals say how "
            "the results vary with the training, and nothing about rows of another time."
        )
    if folds:
        yield (
            f"Every {folds} seeds, from a multiple of {folds} on, test each row once ({folds} "
            "folds of one shuffle)."
        )


def _refuse_empty(table: TableFile, name: str) -> None:
    empty = np.flatnonzero(table.texts[name] == "")
    if len(empty):
        raise LabbookError(
            f"{table.source}, column {name!r}: {count(len(empty), 'field is', 'fields are')} empty "
            f"(the first in {table.place(int(empty[0]))}), so it is open in which part these rows "
            "belong. Fill them in, remove the rows, or split by another column."
        )


def _times(dataset: Table, table: TableFile, name: str) -> np.ndarray:
    form = dataset.dates[name].format if name in dataset.dates else None
    times = np.empty(table.rows)
    for row, text in enumerate(table.texts[name]):
        try:
            times[row] = (
                _number(text, dataset) if name not in dataset.dates else days_of(text, form)
            )
        except (ValueError, OverflowError) as error:
            raise LabbookError(
                f"{table.source}, {table.place(row)}, column {name!r}: {text[:40]!r} is neither a "
                "number nor a date as ISO 8601 has it (2026-11-27), so the rows have no order. "
                f"For dates written otherwise set `dates: {{{name}: {{format: ...}}}}`, such as "
                "%d/%m/%Y."
            ) from error
    return times


def _number(text: str, dataset: Table) -> float:
    """A time that is a number, or a date by ISO 8601."""
    try:
        return float(text.replace(",", ".") if dataset.decimal == "," else text)
    except ValueError:
        return days_of(text, None)
