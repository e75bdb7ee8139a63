"""A commit, or a difference of two states, in words: what the terminal and the page both print."""

from labbook.history.changes import Causes
from labbook.history.timeline import Entry

VERDICTS, BESTS = "verdicts", "best"
RESULTS = (VERDICTS, BESTS)  # of these more is said than of edits
NOT_KNOWN = "not known: not in the cache"
Part = tuple[str, list[str]]  # a heading, and what is said under it


def parts_of(entry: Entry) -> list[Part]:
    """What is said of an entry, by heading; headings that have nothing to say are left out."""
    results = entry.effects
    if results is None:
        return [*parts_of_causes(entry.causes), ("results", [entry.missing or ""])]
    numbers = {"new": results.new_runs, "back": results.back_runs, "gone": results.gone_runs}
    runs = [f"{number} {how}" for how, number in numbers.items() if number or how == "new"]
    parts = [
        ("against", [entry.since] if entry.since else []),
        ("runs", [", ".join([str(results.runs), *runs])] if any(numbers.values()) else []),
        (VERDICTS, list(map(str, results.verdicts))),
        (BESTS, list(map(str, results.bests))),
    ]
    return [*parts_of_causes(entry.causes), *(part for part in parts if part[1])]


def parts_of_causes(causes: Causes) -> list[Part]:
    """What was edited, by heading; empty if nothing was."""
    parts = [
        ("params", list(map(str, causes.params))),
        ("data", [NOT_KNOWN] if causes.data is None else list(map(str, causes.data))),
        ("code", [", ".join(causes.code)] if causes.code else []),
        ("libraries", list(map(str, causes.libraries))),
    ]
    return [part for part in parts if part[1]]
