"""Which rows belong together, and in which order they came: splits follow from it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from labbook.data.dates import days_of
from labbook.data.reading.names import some
from labbook.data.table_file import TableFile
from labbook.errors import LabbookError
from labbook.params.tables import Table
from labbook.wording import count

Read = Callable[[str, Sequence[str]], TableFile]  # columns of the file with a role, as texts


def arrangement(dataset: Table, read: Read) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The group of each row of the main file, int64 (rows,), and its time, float64 (rows,).

    None where the split does not ask for it. Raises `LabbookError` for empty fields, for times
    that are neither numbers nor dates, and for groups that are in a file of one's own for
    validation or test as well, with the place.
    """
    group, time = dataset.split.group, dataset.split.time
    names = list(dict.fromkeys(filter(None, (group, time))))
    if not names:
        return None, None
    table = read("table", names)
    for name in names:
        _refuse_empty(table, name)
    if group:
        _refuse_groups_on_both_sides(dataset, read, {*table.texts[group]})
    groups = np.unique(table.texts[group].astype(str), return_inverse=True)[1] if group else None
    return groups, _times(dataset, table, time) if time else None


def _refuse_groups_on_both_sides(dataset: Table, read: Read, seen: set[str]) -> None:
    group = str(dataset.split.group)
    for role in ("valid", "test"):
        if getattr(dataset.split, role) == "fixed":
            table = read(role, [group])
            _refuse_empty(table, group)
            if both := sorted(seen & {*table.texts[group]}):
                raise LabbookError(
                    f"{table.source}: {count(len(both), 'value')} of {group!r} are in "
                    f"{dataset.path or dataset.main_file}, too ({some(both)}), and `split.group` "
                    "says that such rows belong together: figures would not hold for a new "
                    f"{group}. Take these rows out of one of the files, or leave `group` out."
                )


def how_split(dataset: Table) -> Iterator[str]:
    """What the split means for the intervals, in sentences."""
    split = dataset.split
    if split.group:
        yield (
            f"Rows with the same {split.group} are in one part together, so the figures hold for "
            f"a new {split.group}; the sizes of the parts follow from whole groups."
        )
    if split.time:
        last = f"the {split.group} whose rows end last" if split.group else "the last rows"
        fixed = split.test == "fixed"
        part = "validation" if fixed else "test"
        own = "The test rows are those of their file, whenever they were. " if fixed else ""
        yield (
            f"{own}The {part} rows are {last} by {split.time}, the same for every seed: the "
            "intervals say how the results vary with the training, and nothing about rows of "
            "another time."
        )
    if split.folds:
        yield (
            f"Every {split.folds} seeds, from a multiple of {split.folds} on, test each row once "
            f"({split.folds} folds of one shuffle)."
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
