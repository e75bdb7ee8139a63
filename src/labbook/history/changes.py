"""What differs between two states of a project, and what made the difference."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from labbook.history import git as commits
from labbook.history import outcome
from labbook.history.state import State, Workspace
from labbook.provenance.dvc_records import NotInCacheError
from labbook.wording import short

CODE = "src/labbook"
ABSENT = "none"
WIDEST = 160  # characters of one edit
VERDICTS, BESTS = "verdicts", "best"
RESULTS = (VERDICTS, BESTS)  # the headings of which more is said than of edits
STUDY = re.compile(r"studies\.([\w-]+)(.*)", re.DOTALL)  # a setting of a study
Part = tuple[str, list[str]]  # a heading, and what is said under it
Value = TypeVar("Value")


@dataclass(frozen=True)
class Edit:
    """One thing that differs; None where a side has no such thing. `note` is more of the new."""

    name: str
    old: str | None
    new: str | None
    note: str = ""

    def __str__(self) -> str:
        note = f", {self.note}" if self.note else ""
        return f"{self.name}: {self.old or ABSENT} -> {self.new or ABSENT}{note}"


@dataclass(frozen=True)
class Causes:
    """What may make results differ; `data` is None where the cache does not tell."""

    params: list[Edit]
    data: list[Edit] | None
    code: list[str]
    libraries: list[Edit]

    def parts(self) -> list[Part]:
        """What was edited in words, by heading; headings of nothing are left out."""
        data = ["not known: not in the cache"] if self.data is None else list(map(str, self.data))
        parts = [
            ("params", list(map(str, self.params))),
            ("data", data),
            ("code", [", ".join(self.code)] if self.code else []),
            ("libraries", list(map(str, self.libraries))),
        ]
        return [part for part in parts if part[1]]


@dataclass(frozen=True)
class Effects:
    """What came out otherwise. Of runs: their numbers; `back` are some that were there before."""

    runs: int
    new_runs: int
    gone_runs: int
    verdicts: list[Edit] = field(default_factory=list)
    bests: list[Edit] = field(default_factory=list)
    back_runs: int = 0

    def parts(self) -> list[Part]:
        """What came out otherwise in words, by heading; headings of nothing are left out."""
        numbers = {"new": self.new_runs, "back": self.back_runs, "gone": self.gone_runs}
        runs = [f"{number} {how}" for how, number in numbers.items() if number or how == "new"]
        parts = [
            ("runs", [", ".join([str(self.runs), *runs])] if any(numbers.values()) else []),
            (VERDICTS, list(map(str, self.verdicts))),
            (BESTS, list(map(str, self.bests))),
        ]
        return [part for part in parts if part[1]]


def causes(old: State | None, new: State) -> Causes:
    """What was edited from `old` to `new`.

    Without an `old` the data alone: params.yaml, code and libraries are new as a whole.
    """
    if old is None:
        return Causes([], _data(None, new), [], [])
    names = renamed_studies(old, new)
    before = {
        f"studies.{names[match[1]]}{match[2]}"
        if (match := STUDY.fullmatch(path)) and match[1] in names
        else path: value
        for path, value in outcome.settings(old).items()
    }
    renamings = [Edit("studies", old_name, name, "renamed") for old_name, name in names.items()]
    return Causes(
        params=[*renamings, *edits(before, outcome.settings(new))],
        data=_data(old, new),
        code=changed_parts(old, new),
        libraries=edits(outcome.libraries(old), outcome.libraries(new)),
    )


def effects(old: State | None, new: State, earlier_runs: frozenset[str] = frozenset()) -> Effects:
    """What came out otherwise; `earlier_runs` do not count as new. Raises `NotInCacheError`."""
    runs = outcome.runs(new)
    before = frozenset() if old is None else outcome.runs(old)
    names = {} if old is None else renamed_studies(old, new)
    old_verdicts = under_new_names({} if old is None else outcome.verdicts(old), names)
    old_bests = under_new_names({} if old is None else outcome.bests(old), names)
    verdicts, bests = outcome.verdicts(new), outcome.bests(new)
    return Effects(
        runs=len(runs),
        new_runs=len(runs - before - earlier_runs),
        gone_runs=len(before - runs),
        verdicts=[
            replace(edit, note=outcome.effect(verdicts[edit.name]) if edit.name in verdicts else "")
            for edit in edits(
                {name: row["verdict"] for name, row in old_verdicts.items()},
                {name: row["verdict"] for name, row in verdicts.items()},
            )
        ],
        bests=[
            Edit(name, str(old_best) if old_best else None, str(best) if best else None)
            for name, old_best, best in paired(old_bests, bests)
            if (old_best and old_best.combination) != (best and best.combination)
        ],
        back_runs=len((runs - before) & earlier_runs),
    )


def renamed_studies(old: State, new: State) -> dict[str, str]:
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


def _studies(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The settings of each study but for its question: a new name may come with new words."""
    studies: dict[str, dict[str, str]] = {}
    for path, value in settings.items():
        if match := STUDY.fullmatch(path):
            study = studies.setdefault(match[1], {})
            if match[2] != ".question":
                study[match[2]] = value
    return studies


def under_new_names(table: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Value]:
    """A table by `<study>` or `<study>/<claim>`, where `names` has new names of studies."""
    parts = {name: name.partition("/") for name in table}
    return {
        names.get(study, study) + slash + rest: table[name]
        for name, (study, slash, rest) in parts.items()
    }


def edits(old: Mapping[str, str], new: Mapping[str, str]) -> list[Edit]:
    """What differs between two tables of names and values, in the order of `new`."""
    return [Edit(*pair) for pair in paired(old, new) if pair[1] != pair[2]]


def paired(
    old: Mapping[str, Value], new: Mapping[str, Value]
) -> list[tuple[str, Value | None, Value | None]]:
    """The values of two tables by name, in the order of `new`."""
    return [(name, old.get(name), new.get(name)) for name in dict.fromkeys([*new, *old])]


def changed_parts(old: State, new: State) -> list[str]:
    """Parts of src/labbook that differ: `report`, `engines/compiled` and so on."""
    if isinstance(old, Workspace):
        return [] if isinstance(new, Workspace) else changed_parts(new, old)
    end = None if isinstance(new, Workspace) else new.commit
    parts = []
    for path in sorted(commits.changed(old.commit, end, CODE)):
        names = path.removeprefix(f"{CODE}/").removesuffix(".py").split("/")
        parts.append("/".join(names[: 2 if names[0] == "engines" else 1]))
    return list(dict.fromkeys(parts))


def shortened(items: Iterable[Any], most: int = 4) -> list[str]:
    """The first few as texts, and how many more there are."""
    texts = [short(item, WIDEST) for item in items]
    left = len(texts) - most
    return texts if left < 2 else [*texts[:most], f"and {left} more"]


def _data(old: State | None, new: State) -> list[Edit] | None:
    """Another edition of a data set, else other files, with the first digits of their sums."""
    try:
        states = [{} if old is None else outcome.editions(old), outcome.editions(new)]
    except NotInCacheError:
        return None

    def sums(about: Mapping[str, Any]) -> str:
        files = sorted(about.get("files", {}).items())
        return ", ".join(f"{name} {entry['sha256'][:8]}" for name, entry in files)

    other_editions = edits(
        *({name: str(about.get("edition", "unknown")) for name, about in state.items()}
          for state in states)
    )  # fmt: skip
    other_sums = edits(*({name: sums(about) for name, about in state.items()} for state in states))
    named = {edit.name for edit in other_editions}
    return other_editions + [edit for edit in other_sums if edit.name not in named]
