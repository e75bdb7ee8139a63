"""A look at a user's file: its form, and the texts of its first rows by column."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labbook.data.form_of import guess_form
from labbook.data.reading.cells import Cells
from labbook.data.reading.guessed_numbers import MOST
from labbook.data.reading.names import some
from labbook.data.table_file import column_names, read_table
from labbook.params.tables import Form

MOST_ROWS = 100_000  # that are looked at, fewer where there are many columns
MOST_CELLS = 2_000_000
LEAST_ROWS = 1_000


@dataclass(frozen=True)
class Look:
    """What was seen of a file: `texts` by column, stripped, "" where a value is missing."""

    path: Path
    form: Form
    reasons: Mapping[str, str]  # what each setting of the form rests on
    texts: Mapping[str, Sequence[str]]
    whole: bool  # or its first rows alone

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return len(next(iter(self.texts.values())))


def look(path: Path, target: str | None = None) -> Look:
    """Guess the form of a table and read its beginning. Raises `LabbookError` where it is none.

    The `target` is what the user calls it: where a guess leaves no such column, or takes one of its
    classes for a missing value, the user is right.
    """
    form, found = guess_form(path)
    reasons = dict(found)
    if target is not None and not form.header and _is_named(path, form, target):
        form = form.model_copy(update={"header": True})
        reasons.pop("header", None)
    seen = _read(path, form, reasons)
    return seen if target not in seen.texts else _with_all_classes(seen, str(target))


def empty_in(path: Path, form: Form, names: Sequence[str]) -> dict[str, int]:
    """How many fields of these columns are empty in another file, as far as it has them."""
    there = set(column_names(path, form))
    texts = read_table(path, form, texts=[name for name in names if name in there], most=MOST_ROWS)
    return {
        name: sum(not text for text in _without_marks(values.tolist(), Cells.of(form, name)))
        for name, values in texts.texts.items()
    }


def _is_named(path: Path, form: Form, target: str) -> bool:
    """Whether the first line names the target, and its number is not meant."""
    names = column_names(
        path, form.model_copy(update={"header": True, "repeated_columns": "number"})
    )
    return target in names and not (target.isdecimal() and 1 <= int(target) <= len(names))


def _read(path: Path, form: Form, reasons: Mapping[str, str]) -> Look:
    names = column_names(path, form)
    most = max(LEAST_ROWS, min(MOST_ROWS, MOST_CELLS // len(names)))
    table = read_table(path, form, texts=names, most=most)
    texts = {
        name: _without_marks(values.tolist(), Cells.of(form, name))
        for name, values in table.texts.items()
    }
    return Look(path, form, reasons, texts, table.rows < most)


def _with_all_classes(seen: Look, target: str) -> Look:
    """The same look where a word for "missing", such as None, is a class of the target."""
    if all(seen.texts[target]) or _mostly_numbers(seen.texts[target], seen.form):
        return seen
    bare = seen.form.model_copy(update={"missing_marks": []})
    words = read_table(seen.path, bare, texts=[target], most=seen.rows).texts[target]
    marks = sorted({word for word, text in zip(words, seen.texts[target], strict=True) if not text})
    if not all(marks) or any(map(_is_number, marks)):
        return seen
    by_column: dict[str, list[str | int | float]] = {target: []}
    if isinstance(given := seen.form.missing_marks, dict):
        by_column = given | by_column
    elif given is not None:
        others = {name for name, texts in seen.texts.items() if not all(texts)} - {target}
        by_column |= dict.fromkeys(sorted(others), given)
    form = seen.form.model_copy(update={"missing_marks": by_column})
    reason = f"{some([repr(mark) for mark in marks])} is a class of {target}"
    return _read(seen.path, form, {**seen.reasons, "missing_marks": reason})


def _mostly_numbers(texts: Sequence[str], form: Form) -> bool:
    """Whether the texts but for a few that are missing are numbers."""
    there = [text for text in texts if text]
    if len(there) < MOST * len(texts):
        return False
    try:
        return bool(len(Cells((), form.decimal, form.thousands).numbers(there)))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _without_marks(texts: Sequence[str], cells: Cells) -> Sequence[str]:
    """The texts with "" also for a mark that is written in another way, -200.0 for -200."""
    if not cells.marks:
        return texts
    marks = {text for text in set(texts) if _is_unknown(text, cells)}
    return ["" if text in marks else text for text in texts] if marks else texts


def _is_unknown(text: str, cells: Cells) -> bool:
    try:
        return math.isnan(cells.number(text))
    except ValueError:
        return False
