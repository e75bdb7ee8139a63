"""What differs between two states, and what made the difference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labbook.history import git as commits
from labbook.history import outcome
from labbook.history.renames import STUDIES, renamed, under_new_names
from labbook.history.state import State, Workspace
from labbook.provenance.dvc_records import NotInCacheError
from labbook.report.study_results import Row
from labbook.wording import short

CODE = "src/labbook"
ABSENT = "none"
WIDEST = 160  # characters of one edit


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


@dataclass(frozen=True)
class Effects:
    """What came out otherwise. Of runs: their numbers; `back` are some that were there before."""

    runs: int
    new_runs: int
    gone_runs: int
    verdicts: list[Edit] = field(default_factory=list)
    bests: list[Edit] = field(default_factory=list)
    back_runs: int = 0


def causes(old: State, new: State) -> Causes:
    """What was edited from `old` to `new`."""
    return Causes(
        params=_params(old, new),
        data=_data(old, new),
        code=changed_parts(old, new),
        libraries=edits(outcome.libraries(old), outcome.libraries(new)),
    )


def first_causes(new: State) -> Causes:
    """Of the first of all: its data alone; params.yaml, code and libraries are new as a whole."""
    return Causes([], _data(None, new), [], [])


def effects(old: State | None, new: State, known: frozenset[str] = frozenset()) -> Effects:
    """What came out otherwise; runs in `known` do not count as new. Raises `NotInCacheError`."""
    runs = outcome.runs(new)
    before = frozenset() if old is None else outcome.runs(old)
    names = {} if old is None else renamed(old, new)
    verdicts = {} if old is None else outcome.verdicts(old)
    bests = {} if old is None else outcome.bests(old)
    return Effects(
        runs=len(runs),
        new_runs=len(runs - before - known),
        gone_runs=len(before - runs),
        verdicts=_verdicts(under_new_names(verdicts, names), outcome.verdicts(new)),
        bests=_bests(under_new_names(bests, names), outcome.bests(new)),
        back_runs=len((runs - before) & known),
    )


def _params(old: State, new: State) -> list[Edit]:
    names = renamed(old, new)
    before = under_new_names(outcome.settings(old), names, STUDIES)
    renamings = [Edit("studies", old_name, name, "renamed") for old_name, name in names.items()]
    return [*renamings, *edits(before, outcome.settings(new))]


def edits(old: Mapping[str, str], new: Mapping[str, str]) -> list[Edit]:
    """What differs between two tables of names and values, in the order of `new`."""
    names = [*new, *(name for name in old if name not in new)]
    return [Edit(n, old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)]


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
        before = {} if old is None else outcome.editions(old)
        after = outcome.editions(new)
    except NotInCacheError:
        return None

    def edition(about: Mapping[str, Any]) -> str:
        return str(about.get("edition", "unknown"))

    def sums(about: Mapping[str, Any]) -> str:
        files = sorted(about.get("files", {}).items())
        return ", ".join(f"{name} {entry['sha256'][:8]}" for name, entry in files)

    by_edition, by_sums = (
        edits({n: text(a) for n, a in before.items()}, {n: text(a) for n, a in after.items()})
        for text in (edition, sums)
    )
    named = {edit.name for edit in by_edition}
    return by_edition + [edit for edit in by_sums if edit.name not in named]


def _verdicts(old: Mapping[str, Row], new: Mapping[str, Row]) -> list[Edit]:
    """Claims whose verdict is another, with the effect that they have now."""
    before = {name: row["verdict"] for name, row in old.items()}
    after = {name: row["verdict"] for name, row in new.items()}
    return [
        replace(edit, note=outcome.effect(new[edit.name]) if edit.name in new else "")
        for edit in edits(before, after)
    ]


def _bests(old: Mapping[str, outcome.Best], new: Mapping[str, outcome.Best]) -> list[Edit]:
    """Studies whose best combination is another, with its metric."""
    chosen = edits(
        {study: best.combination for study, best in old.items()},
        {study: best.combination for study, best in new.items()},
    )
    before, after = ({s: str(best) for s, best in bests.items()} for bests in (old, new))
    return [Edit(edit.name, before.get(edit.name), after.get(edit.name)) for edit in chosen]
