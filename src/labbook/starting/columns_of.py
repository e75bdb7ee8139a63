"""Looks at each column of a table: its kind, what will be done with it, and why."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from labbook.data.reading.guessed_signs import doubts
from labbook.params.tables import Form
from labbook.starting import texts as read
from labbook.starting.column import Column, counted

FEW_LEVELS = 20  # a category may have so many, whatever the number of rows
MOST_LEVELS = 1000  # and never more than this
ROWS_A_LEVEL = 10  # of more than a few levels, so many rows for each on average
NEARLY_UNIQUE = 0.95  # a share of different values, from which they name rows
WORDS = 4  # on average, from which texts are sentences
ID_NAME = re.compile(
    r"(^|[^a-z])(id|ids|key|uuid|guid|ssn|nr|no|index|identifier|code)$|[a-z](Id|ID|Key|Nr|No)$|"
    r"^(row|record|sample|case|passenger|customer|patient|subject|person|user|loan|order|"
    r"member|participant|household)[ _-]?(id|no|nr|number|key)?$"
)
UNNAMED = re.compile(r"^(Unnamed: \d+|)$")


def columns_of(texts: Mapping[str, Sequence[str]], form: Form) -> list[Column]:
    """What each column of a table is, in the order of the file; at most one is the `id`."""
    columns: list[Column] = []
    first_with: dict[int, list[str]] = {}
    named = False
    for name, values in texts.items():
        twins = first_with.setdefault(hash(tuple(values)), [])
        twin = next((other for other in twins if list(texts[other]) == list(values)), None)
        twins.append(name)
        column = column_of(name, values, form)
        if twin is not None and column.kind not in ("empty", "constant"):
            column = column.left_out("duplicate", f"the same as {twin} in every row")
        elif column.kind in ("identifier", "row counter") and column.role == "id":
            if named or UNNAMED.match(name):
                column = column.left_out(column.kind, column.reason)
            named = named or column.role == "id"
        columns.append(column)
    doubtful = dict(doubts(texts, form))
    return [
        replace(c, warning=doubtful[c.name]) if c.name in doubtful and not c.warning else c
        for c in columns
    ]


def column_of(name: str, values: Sequence[str], form: Form) -> Column:
    """What one column is by itself. `values` are (rows,) texts, "" where missing."""
    column = counted(name, values)
    levels = list(dict.fromkeys(filter(None, values)))
    if not levels:
        return column.left_out("empty", "no row has a value")
    if column.missing and read.tick(levels):
        reason = f"{levels[0]} or empty, as a box is ticked"
        return replace(
            column, kind="yes/no", role="categorical", levels=(levels[0],), reason=reason
        )
    if len(levels) == 1:
        return column.left_out("constant", "the same in every row that has a value")
    if read.codes(levels, FEW_LEVELS):
        coded = _of_texts(column, values)
        return replace(coded, reason=f"codes with leading zeros: {coded.reason}")
    found = read.numbers(levels, form)
    if found is not None:
        return _of_numbers(column, values, found)
    return _of_answers(column, levels) or _of_dates(column, levels) or _of_texts(column, values)


def _of_numbers(column: Column, values: Sequence[str], found: Mapping[str, float]) -> Column:
    """Numbers that measure, count rows, or name them."""
    rows = len(values)
    if not column.missing and column.distinct == rows and _whole(found):
        counted = [found[value] for value in values]
        if counted[0] in (0.0, 1.0) and all(
            after - before == 1 for before, after in pairwise(counted)
        ):
            return replace(column, kind="row counter", role="id", reason="it counts the rows")
        if ID_NAME.search(column.name):
            reason = "whole numbers, different in every row, and called so"
            return replace(column, kind="identifier", role="id", reason=reason)
    return replace(column, reason="numbers")


def _whole(found: Mapping[str, float]) -> bool:
    return all(value.is_integer() for value in found.values())


def _of_answers(column: Column, levels: Sequence[str]) -> Column | None:
    pair = read.answers(levels)
    if pair is not None:
        reason = f"two answers, {pair[0]} and {pair[1]}"
        return replace(column, kind="yes/no", role="ordinal", levels=pair, reason=reason)
    steps = read.ordered(levels)
    if steps is None:
        return None
    reason = "steps of a well-known scale"
    return replace(column, kind="ordinal", role="ordinal", levels=steps, reason=reason)


def _of_dates(column: Column, levels: Sequence[str]) -> Column | None:
    form = read.dates(levels)
    if form is None:
        return None
    return replace(
        column, kind="date", role="dates", format=form.format, parts=form.parts, reason=form.reason
    )


def _of_texts(column: Column, values: Sequence[str]) -> Column:
    """A category, sentences, or names of rows."""
    there = [value for value in values if value]
    words = sum(len(value.split()) for value in there) / len(there)
    distinct = column.distinct
    if distinct > FEW_LEVELS / 2 and read.with_units(tuple(set(there))):
        reason = f"numbers with a sign or unit ({there[0]}): without it they are numbers"
        return replace(
            column.left_out("text", reason),
            warning=f"{column.name} has numbers with a sign or unit ({there[0]}) and is left out; "
            "without the sign they are numbers",
        )
    if distinct >= NEARLY_UNIQUE * len(there) and distinct > FEW_LEVELS:
        if words < WORDS / 2 and distinct == len(values):
            reason = "texts, different in every row"
            return replace(column, kind="identifier", role="id", reason=reason)
        return column.left_out("text", f"{distinct:,} different texts in {len(there):,} rows")
    if words >= WORDS and distinct > FEW_LEVELS:
        return column.left_out("text", f"texts of {words:.0f} words")
    few = distinct <= FEW_LEVELS or distinct * ROWS_A_LEVEL <= len(there)
    if distinct > MOST_LEVELS or not few:
        reason = f"{distinct:,} categories in {len(there):,} rows, more than can be learned"
        return column.left_out("text", reason)
    names = tuple(value for value, _ in Counter(there).most_common())
    return replace(
        column, kind="category", role="categorical", levels=names, reason=f"{distinct} texts"
    )
