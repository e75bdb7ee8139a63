"""Which numbers the columns of a table become: the settings of the block, and the levels found."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np

from labbook.data.columns import Encoding, names_of
from labbook.data.dates import is_date
from labbook.data.reading.names import refuse_missing, some
from labbook.data.table_file import TableFile
from labbook.data.target import all_numbers
from labbook.errors import LabbookError, together
from labbook.params.tables import Table
from labbook.wording import count

SENSIBLE_LEVELS = 20  # so many tell something, however few rows there are
MOST_LEVELS = 1000
MOST_CELLS = 500_000_000  # 4 GB
LARGEST = 1e30
MOSTLY = 0.9  # of the levels


def kinds_of(dataset: Table, names: Sequence[str]) -> dict[str, str]:
    """What each column is, as the block says."""
    listed = {
        **dict.fromkeys(dataset.categorical, "category"),
        **dict.fromkeys(dataset.ordinal, "ordinal"),
        **dict.fromkeys(dataset.dates, "date"),
    }
    return {name: listed.get(name, "number") for name in names}


def encodings_of(
    dataset: Table, names: Sequence[str], parts: Sequence[TableFile]
) -> tuple[Encoding, ...]:
    """How each of these columns becomes numbers, by all `parts` with a target.

    Raises `LabbookError` for more categories than make sense, for names that two columns would
    have, and for more numbers than there is room for.
    """
    kinds = kinds_of(dataset, names)
    levels = {
        name: Counter(text for part in parts for text in part.texts[name] if text)
        for name, kind in kinds.items()
        if kind == "category"
    }
    rows = sum(part.rows for part in parts)
    source = parts[0].source
    together(*(partial(_refuse_levels, source, name, levels[name], rows) for name in levels))
    encodings = tuple(
        _encoding(dataset, name, kind, sorted(levels.get(name, ())), parts)
        for name, kind in kinds.items()
    )
    if not names_of(encodings):
        raise LabbookError(
            f"{source}: no column is left beside the target: {some(list(kinds))} has no value in "
            "any row."
        )
    _refuse_names(source, encodings)
    _refuse_size(source, encodings, levels, rows)
    return encodings


def _encoding(
    dataset: Table, name: str, kind: str, levels: list[str], parts: Sequence[TableFile]
) -> Encoding:
    if kind == "category":
        own = dataset.missing_category == "own" and any(empty_fields(p, name) for p in parts)
        return Encoding(
            name,
            kind,
            levels=tuple(levels),
            filled=dataset.missing_category == "most_frequent",
            indicator=own,
            rare=dataset.rare is not None,
        )
    dates = dataset.dates.get(name)
    return Encoding(
        name,
        kind,
        levels=tuple(map(str, dataset.ordinal.get(name, []))),
        format=dates.format if dates else None,
        parts=tuple(dates.parts) if dates else (),
        indicator=dataset.missing_indicator and any(empty_fields(part, name) for part in parts),
    )


def empty_fields(part: TableFile, name: str) -> int:
    """How many fields of a column are empty."""
    if name in part.numbers:
        return int(np.isnan(part.numbers[name]).sum())
    return sum(not text for text in part.texts[name])


def refuse_empty(dataset: Table, part: TableFile, names: Sequence[str]) -> None:
    """Raise `LabbookError` where a field of these columns is empty and `missing` refuses that."""
    if dataset.missing == "refuse":
        remedy = "Fill them in, list such columns under `drop`, or set `missing: median`."
        counts = [empty_fields(part, name) for name in names]
        kinds = kinds_of(dataset, names)
        empty = [name for name, n in zip(names, counts, strict=True) if n]
        texts = [name for name in empty if kinds[name] == "category"]
        if texts:
            remedy += (
                f" Where NA or None is a value, as it may be of {texts[0]!r}, set "
                f"`missing_marks: {{{texts[0]}: []}}`."
            )
        refuse_missing(part.source, names, counts, remedy)


def refuse_large(part: TableFile) -> None:
    """Raise `LabbookError` for numbers whose squares, or what a network makes of them, are none."""
    for name, values in part.numbers.items():
        rows = np.flatnonzero(np.abs(values) > LARGEST)
        if len(rows):
            text = f"{values[rows[0]]:g}"
            raise LabbookError(
                f"{part.source}, {part.place(int(rows[0]))}, column {name!r}: {text} is too large "
                f"to be learned from ({count(len(rows), 'field')} beyond {LARGEST:g}). Correct it, "
                "divide the column in the file, or name it under `missing_marks` if it stands for "
                "an unknown value."
            )


def _refuse_levels(source: str, name: str, levels: Counter[str], rows: int) -> None:
    """Raise `LabbookError` for a column that names rows rather than kinds of rows."""
    found = len(levels)
    if found <= SENSIBLE_LEVELS or (found <= MOST_LEVELS and 2 * found <= rows):
        return
    raise LabbookError(
        f"{source}, column {name!r}: is under `categorical` and has {found:,} categories in "
        f"{rows:,} rows, a column of numbers each ({some(sorted(levels))}). "
        f"{_way_out(name, levels)}"
    )


def _way_out(name: str, levels: Counter[str]) -> str:
    numbers = [level for level in levels if all_numbers([level])]
    if len(numbers) >= MOSTLY * len(levels):
        marks = sorted(set(levels) - set(numbers))
        way = "They are numbers: take it out of `categorical`"
        rows = sum(levels[mark] for mark in marks)
        return f"{way}." if not marks else (
            f"They are numbers, but for {', '.join(map(repr, marks[:5]))} in {rows:,} rows: take "
            f"it out of `categorical` and set `missing_marks: [{', '.join(map(repr, marks[:5]))}]` "
            "and `missing: median`."
        )  # fmt: skip
    if sum(map(is_date, levels)) >= MOSTLY * len(levels):
        return f"They look like dates: list it under `dates` (`dates: {{{name}: {{}}}}`) instead."
    return (
        f"If it names the rows, set `id: {name}`; else list it under `drop`, or give rare "
        "categories one name in the file."
    )


def _refuse_names(source: str, encodings: Sequence[Encoding]) -> None:
    twice = [name for name, n in Counter(names_of(encodings)).items() if n > 1]
    if twice:
        raise LabbookError(
            f"{source}: two columns of numbers would have one name: {some(twice)}. Rename the "
            "column or the category in the file."
        )


def _refuse_size(
    source: str, encodings: Sequence[Encoding], levels: dict[str, Counter[str]], rows: int
) -> None:
    columns = len(names_of(encodings))
    if rows * columns <= MOST_CELLS:
        return
    most = sorted(levels, key=lambda name: -len(levels[name]))[:3]
    told = ", ".join(f"{name!r} {len(levels[name]):,}" for name in most)
    raise LabbookError(
        f"{source}: {rows:,} rows with {columns:,} columns of numbers are {rows * columns:,} "
        f"numbers, and at most {MOST_CELLS:,} have room. "
        + (f"Most columns come from categories: {told}. " if most else "")
        + "List columns under `drop`, or take fewer rows."
    )
