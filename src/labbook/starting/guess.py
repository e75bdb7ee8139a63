"""All that is guessed of a table: its columns, its target, its split and its file."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labbook.data.target import FEW_CLASSES
from labbook.errors import LabbookError
from labbook.params.tables import Form
from labbook.starting import texts as read
from labbook.starting.column import Column
from labbook.starting.columns_of import ID_NAME, columns_of
from labbook.starting.looks import Look, empty_in
from labbook.starting.target_of import Target, Task, leak, target_of
from labbook.wording import plain

PERSONS = re.compile(
    r"(patient|subject|person|individual|participant|proband|customer|client|user|member|student|pupil|"
    r"child|household|family|animal|mouse|rat|speaker|author|player)s?"
    r"([ _-]?(id|no|nr|number|key|code))?$",
    re.IGNORECASE,
)
LEAST_GROUPS = 10
NAMES_SHOWN = 40


@dataclass(frozen=True)
class Guess:
    """What params.yaml is to say of a table; `group` and `time` are columns, if there are such.

    `maybe_group` is a column that could be one, for a comment alone.
    """

    look: Look
    columns: tuple[Column, ...]
    target: Target
    group: str | None = None
    time: str | None = None
    maybe_group: str | None = None
    maybe_time: str | None = None

    def of(self, *roles: str) -> list[Column]:
        """The columns that have one of these roles."""
        return [column for column in self.columns if column.role in roles]


@dataclass(frozen=True)
class Wishes:
    """What the user has said and is not guessed."""

    target: str
    task: Task | None = None
    group: str | None = None
    time: str | None = None


def guess(look: Look, wishes: Wishes) -> Guess:
    """Guess all that is not given. Raises `LabbookError` for columns that are not there."""
    names = list(look.texts)
    name = named(wishes.target, names, look)
    truth = look.texts[name]
    _refuse_empty(look, name, truth)
    if wishes.task is None and (form := read.dates(list(dict.fromkeys(truth)))):
        raise LabbookError(
            f"{look.path}: the target {name} is a date ({form.format or 'ISO 8601'}), which cannot "
            "be predicted as such. Add a column of days passed since some day, and name that one."
        )
    target = target_of(name, truth, look.form, wishes.task)
    if target.task == "classification":
        _refuse_names(look, name, truth)
    columns = [_seen(column, target, look) for column in columns_of(look.texts, look.form)]
    group = wishes.group and named(wishes.group, names, look)
    time = wishes.time and named(wishes.time, names, look)
    persons = next((c.name for c in columns if _groups(c, look.rows, PERSONS)), None)
    group = group or persons
    columns = [_as_group(c, look) if c.name == group and c.role != "target" else c for c in columns]
    if not any(c.role not in ("drop", "id", "target") for c in columns):
        raise LabbookError(
            f"{look.path}: no column is left that could tell {name}.\n{_why(columns)}"
        )
    maybe = next((c.name for c in columns if _groups(c, look.rows, ID_NAME)), None)
    dates = next((c.name for c in columns if c.role == "dates"), None)
    return Guess(
        look, tuple(columns), target, group, time,
        None if group else maybe, None if time else dates,
    )  # fmt: skip


def with_other(guessed: Guess, path: Path) -> Guess:
    """The same with the empty fields of another file, such as that of the test rows, counted."""
    names = [column.name for column in guessed.columns if column.role not in ("drop", "target")]
    empty = empty_in(path, guessed.look.form, names)
    columns = (replace(c, missing=c.missing + empty.get(c.name, 0)) for c in guessed.columns)
    return replace(guessed, columns=tuple(columns))


def _refuse_empty(look: Look, name: str, truth: Sequence[str]) -> None:
    """Raise `LabbookError` for rows without a target."""
    if not (empty := sum(not value for value in truth)):
        return
    advice = (
        "Put these rows into a file of their own (they can be predicted: `--new FILE`) and begin "
        "again."
    )
    if read.tick(sorted(set(truth) - {""})):
        advice = f"If an empty field is the other answer than {max(truth)}, write a word there."
    raise LabbookError(
        f"{look.path}: the target {name} is empty{_marks(look, name)} in {empty:,} of "
        f"{len(truth):,} rows, and nothing is learned from such a row. {advice}"
    )


def _refuse_names(look: Look, name: str, truth: Sequence[str]) -> None:
    """Raise `LabbookError` for classes that are as good as names of single rows."""
    counts = Counter(truth)
    single = sum(rows == 1 for rows in counts.values())
    mostly = len(counts) > FEW_CLASSES and 2 * single > len(counts)
    if not mostly and len(counts) <= max(2, len(truth) / 2):
        return
    advice = "Choose another target, or give rare classes one name."
    if read.with_units(list(counts)):
        advice = "They look like numbers with a sign or unit: without it they can be predicted."
    raise LabbookError(
        f"{look.path}: the target {name} has {len(counts):,} different texts in {len(truth):,} "
        f"rows ({plain(truth[0])}, ...), too many to be classes. {advice}"
    )


def named(asked: str, names: Sequence[str], look: Look) -> str:
    """The column that is meant, by its name or, where that is none, its number from 1."""
    if asked in names:
        return asked
    if asked.isdecimal() and 1 <= int(asked) <= len(names):
        return names[int(asked) - 1]
    by_word = {name.lower(): name for name in names}
    close = difflib.get_close_matches(asked.lower(), by_word, 3, cutoff=0.5)
    shown = [by_word[word] for word in close] or list(names[:NAMES_SHOWN])
    begin = "the nearest are" if close else "there are"
    raise LabbookError(
        f"{look.path}: has no column {asked!r}; {begin} "
        f"{', '.join(map(plain, shown))}{', ...' if len(shown) == NAMES_SHOWN else ''}."
    )


def _marks(look: Look, target: str) -> str:
    """What counts as empty in the target beside an empty field, in brackets."""
    marks = look.form.missing_marks
    if isinstance(marks, dict):
        marks = marks.get(target)
    return f" (or {' or '.join(map(str, marks))})" if marks else ""


def _seen(column: Column, target: Target, look: Look) -> Column:
    """A column beside the target: what it tells of that."""
    if column.name == target.name:
        words = "a class" if target.task == "classification" else "a quantity"
        return replace(column, kind="target", role="target", reason=f"{words}: {target.reason}")
    found = leak(column, look.texts[column.name], target, look.texts[target.name], look.form)
    if found is None:
        return column
    if found.exact:
        warning = f"{column.name} says the same as the target ({found.words}): left out"
        return replace(column.left_out(column.kind, f"{found.words}"), warning=warning)
    warning = (
        f"{column.name} gives the target away ({found.words}). If it is known only afterwards, "
        "list it under `drop`"
    )
    return replace(column, warning=warning)


def _groups(column: Column, rows: int, names: re.Pattern[str]) -> bool:
    """Whether a column names groups of rows, such as those of one person."""
    often = LEAST_GROUPS <= column.distinct <= rows / 2 and not column.missing
    return (
        often and column.kind in ("number", "category", "text") and bool(names.search(column.name))
    )


def _as_group(column: Column, look: Look) -> Column:
    reason = f"names {column.distinct:,} groups of rows, which stay together"
    return column.left_out(column.kind, reason)


def _why(columns: Sequence[Column]) -> str:
    return "\n".join(f"  {plain(c.name)}: {c.done()}" for c in columns if c.role != "target")


def form_settings(form: Form) -> dict[str, object]:
    """What of a file's form is to be written down: all that is not as by default."""
    return form.model_dump(exclude_defaults=True)
