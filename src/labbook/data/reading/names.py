"""Names of columns: of repeated ones, of those that are not there, and the first few of many."""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import partial

from labbook.errors import LabbookError, together

SHOWN = 6  # names or places in one message
CLOSE_AMONG = 2_000  # names that a misspelt one is compared with: it takes time


def some(items: Sequence[str]) -> str:
    """The first few of `items` in a sentence."""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more


def names_like(name: str, names: Sequence[str]) -> str:
    """A sentence with the names most like `name`, or with the first names there are."""
    close = get_close_matches(name, names[:CLOSE_AMONG], SHOWN)
    close = close or [n for n in names if name in n][:SHOWN]
    if close:
        return f"Nearest names: {', '.join(close)}."
    if len(names) == 1:
        return (
            f"The only name there is: {names[0][:60]!r}. If that is a title above the table, set "
            "`skip_lines`."
        )
    return f"Names there are: {some(names)}."


def require(source: str, names: Sequence[str], wanted: Iterable[str], setting: str) -> None:
    """Refuse names that no column has; `setting` is the key of params.yaml that has them."""
    there = set(names)

    def check(name: str) -> None:
        if name not in there:
            raise LabbookError(
                f"{source}: has no column {name!r}, which `{setting}` names. "
                f"{names_like(name, names)}"
            )

    together(*(partial(check, name) for name in wanted))


def refuse_missing(source: str, names: Sequence[str], counts: Sequence[int], remedy: str) -> None:
    """Raise `LabbookError` with the count of empty fields per column, if there are any."""
    columns = [f"{name!r} {n}" for name, n in zip(names, counts, strict=True) if n]
    if columns:
        raise LabbookError(
            f"{source}: has {sum(counts)} empty fields, by column: {some(columns)}. {remedy}"
        )


def unique(named: Sequence[str], repeated: str, source: str) -> list[str]:
    """The names with repeated ones numbered: name, name.1, name.2, as pandas does.

    Raises `LabbookError` for repeated names where `repeated` is "refuse".
    """
    twice = sorted(name for name, count in Counter(named).items() if count > 1)
    if twice and repeated == "refuse":
        raise LabbookError(
            f"{source}: has columns of the same name: {some(twice)}. Rename them, or set "
            "`repeated_columns: number` to have them called name, name.1, name.2."
        )
    taken, numbered_names = set(named), []
    numbers: dict[str, int] = {}  # by name, what its next repetition is tried with
    for name in named:
        number, numbered = numbers.get(name, 0), name
        while number and numbered in taken:
            numbered, number = f"{name}.{number}", number + 1
        numbers[name] = max(number, 1)
        taken.add(numbered)
        numbered_names.append(numbered)
    return numbered_names
