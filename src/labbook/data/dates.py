"""Dates as numbers: years and days passed as they are, what comes round as a point on a circle."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from labbook.errors import LabbookError

if TYPE_CHECKING:
    from labbook.data.table_file import TableFile

START = datetime(2000, 1, 1)
DAY = 86400.0  # seconds
DECIMALS = 12  # libraries differ in the last ones of a cosine


# By part, how much of its circle has passed: from 0 to 1.
CIRCLES = {
    "month": lambda when: (when.month - 1) / 12,
    "day": lambda when: (when.day - 1) / 31,
    "weekday": lambda when: when.weekday() / 7,
    "hour": lambda when: (when.hour + when.minute / 60 + when.second / 3600) / 24,
}


def names_of_parts(name: str, parts: Sequence[str]) -> Iterator[str]:
    """The columns that a column with dates becomes."""
    for part in parts:
        if part in CIRCLES:
            yield from (f"{name}.{part}.sin", f"{name}.{part}.cos")
        else:
            yield f"{name}.{part}"


def numbers_of_dates(
    name: str, form: str | None, parts: Sequence[str], table: "TableFile"
) -> np.ndarray:
    """The parts of a column of dates: (rows, columns), NaN where a field is empty.

    Raises `LabbookError` where a field is no date, with its place.
    """
    texts = table.texts[name]
    width = len(list(names_of_parts(name, parts)))
    known: dict[str, list[float]] = {"": [np.nan] * width}
    for row, text in enumerate(texts):
        if text not in known:
            known[text] = list(_parts_of(_read(text, name, form, table, row), parts))
    return np.array([known[text] for text in texts], float).reshape(len(texts), width)


def days_of(text: str, form: str | None) -> float:
    """Days since 2000 of a date. Raises ValueError where it is none."""
    return _days(parse_date(text, form))


def parse_date(text: str, form: str | None) -> datetime:
    """A date as `form` has it, or ISO 8601; in UTC where it names a zone. Raises ValueError."""
    when = datetime.fromisoformat(text) if form is None else datetime.strptime(text, form)
    return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when


def _read(text: str, name: str, form: str | None, table: "TableFile", row: int) -> datetime:
    try:
        return parse_date(text, form)
    except (ValueError, OverflowError) as error:
        wanted = "a date as ISO 8601 has it (2026-11-27)" if form is None else f"of form {form}"
        raise LabbookError(
            f"{table.source}, {table.place(row)}, column {name!r}: {text[:40]!r} is not "
            f"{wanted}. Set `dates: {{{name}: {{format: ...}}}}`, such as %d/%m/%Y or %d.%m.%Y "
            "%H:%M; or name what stands for an unknown date under `missing_marks`."
        ) from error


def _parts_of(when: datetime, parts: Sequence[str]) -> Iterator[float]:
    for part in parts:
        if part in CIRCLES:
            angle = 2 * np.pi * CIRCLES[part](when)
            yield from (round(float(turn(angle)), DECIMALS) + 0.0 for turn in (np.sin, np.cos))
        else:
            yield float(when.year) if part == "year" else _days(when)


def _days(when: datetime) -> float:
    passed = when - START
    return passed.days + (passed.seconds + passed.microseconds / 1e6) / DAY


def is_date(text: str) -> bool:
    """Whether a text is a date as ISO 8601 has it."""
    try:
        parse_date(text, None)
    except ValueError:
        return False
    return True
