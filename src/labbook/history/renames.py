"""Studies that have another name in one state than in another, and are else the same."""

import re
from collections.abc import Mapping
from typing import TypeVar

from labbook.history import outcome
from labbook.history.state import State

STUDIES = "studies."  # how their settings begin
NAME = re.compile(r"[\w-]+")
QUESTION = ".question"  # a new name may come with new words
Value = TypeVar("Value")


def renamed(old: State, new: State) -> dict[str, str]:
    """New names of studies by their old ones: all that params.yaml says of them is the same.

    Where several would fit, none is taken for another.
    """
    before, after = _studies(outcome.settings(old)), _studies(outcome.settings(new))
    gone = [name for name in before if name not in after]
    came = [name for name in after if name not in before]
    names = {}
    for name in gone:
        fitting = [other for other in came if after[other] == before[name]]
        twins = [other for other in gone if before[other] == before[name]]
        if len(fitting) == len(twins) == 1:
            names[name] = fitting[0]
    return names


def under_new_names(
    table: Mapping[str, Value], names: Mapping[str, str], begin: str = ""
) -> dict[str, Value]:
    """A table by names that begin with `begin` and a study, such as `<study>/<claim>`, anew."""
    return {_new(key, names, begin): value for key, value in table.items()}


def _new(key: str, names: Mapping[str, str], begin: str) -> str:
    match = NAME.match(key, len(begin)) if key.startswith(begin) else None
    if match is None or match[0] not in names:
        return key
    return f"{begin}{names[match[0]]}{key[match.end() :]}"


def _studies(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The settings of each study but for its question, by what follows its name."""
    studies: dict[str, dict[str, str]] = {}
    for path, value in settings.items():
        match = NAME.match(path, len(STUDIES)) if path.startswith(STUDIES) else None
        if match is not None:
            rest = path[match.end() :]
            studies.setdefault(match[0], {}).update({} if rest == QUESTION else {rest: value})
    return studies
