"""A commit, or a difference of two states, in words: what the terminal and the page both print."""

from collections.abc import Iterable

from labbook.history.changes import Causes, Effects
from labbook.history.timeline import Entry

VERDICTS, BESTS = "verdicts", "best"
RESULTS = (VERDICTS, BESTS)  # of these more is said than of edits
NOT_KNOWN = "not known: not in the cache"
Part = tuple[str, list[str]]  # a heading, and what is said under it


def parts_of(entry: Entry) -> list[Part]:
    """What is said of an entry, by heading; headings that have nothing to say are left out."""
    found = entry.effects
    if found is None:
        return [*parts_of_causes(entry.causes), ("results", [entry.missing or ""])]
    results = [
        ("against", [entry.since] if entry.since else []),
        ("runs", _runs(found)),
        (VERDICTS, list(map(str, found.verdicts))),
        (BESTS, list(map(str, found.bests))),
    ]
    return [*parts_of_causes(entry.causes), *_with_texts(results)]


def parts_of_causes(made: Causes) -> list[Part]:
    """What was edited, by heading; empty if nothing was."""
    parts = [
        ("params", list(map(str, made.params))),
        ("data", [NOT_KNOWN] if made.data is None else list(map(str, made.data))),
        ("code", [", ".join(made.code)] if made.code else []),
        ("libraries", list(map(str, made.libraries))),
    ]
    return _with_texts(parts)


def _with_texts(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part[1]]


def _runs(found: Effects) -> list[str]:
    """How many runs there are, if there are others than before."""
    numbers = {"new": found.new_runs, "back": found.back_runs, "gone": found.gone_runs}
    if not any(numbers.values()):
        return []
    said = [f"{number} {how}" for how, number in numbers.items() if number or how == "new"]
    return [", ".join([str(found.runs), *said])]
