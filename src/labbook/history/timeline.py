"""The history of a project: for each commit that recorded results, what changed with it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from labbook.history import git as commits
from labbook.history import outcome
from labbook.history.changes import Causes, Effects, causes, effects, first_causes
from labbook.history.git import Commit
from labbook.history.state import State, Workspace
from labbook.provenance.dvc_records import NotInCacheError


@dataclass(frozen=True)
class Entry:
    """One commit, or the workspace, against the one before it.

    `effects` is None where the cache does not hold what the commit recorded: `missing` then says
    so. `since` names the commit that effects are against where that is not the one before.
    """

    name: str
    date: str
    subject: str
    causes: Causes
    effects: Effects | None
    missing: str | None = None
    since: str | None = None

    @property
    def day(self) -> str:
        """The date without the time; "" for the workspace."""
        return self.date[:10]

    def plain(self) -> dict[str, Any]:
        """As an entry of a JSON file."""
        return {
            "commit": self.name,
            "date": self.date or None,
            "subject": self.subject,
            **asdict(self.causes),
            "results": None if self.effects is None else asdict(self.effects),
            "missing": self.missing,
            "since": self.since,
        }


def timeline(*revisions: str) -> list[Entry]:
    """An entry per commit of `revisions` (HEAD if none) that recorded results, newest first.

    Without `revisions`, what is not committed yet comes first, if there is something.
    """
    listed = commits.recorded(*revisions)
    states = {commit.hash: State(commit) for commit in listed}
    seen: set[str] = set()  # runs of older commits
    entries = []
    for commit in reversed(listed):  # topological: parents come first
        state = states[commit.hash]
        before = [states[parent] for parent in _ancestors(commit, states)]
        entry = _entry(state, before, seen)
        if len(commit.parents) < 2 or _says_something(entry):  # a merge may have nothing new
            entries.append(entry)
        seen.update(_runs(state))
    entries.reverse()
    if not revisions:
        newest = [states[listed[0].hash]] if listed else []
        workspace = _entry(Workspace(), newest, seen)
        entries = [workspace, *entries] if _says_something(workspace) else entries
    return entries


def _ancestors(commit: Commit, states: dict[str, State]) -> Iterator[str]:
    """First parents in the list, nearest first."""
    while commit.parents and commit.parents[0] in states:
        commit = states[commit.parents[0]].commit
        yield commit.hash


def _entry(state: State, before: list[State], seen: set[str]) -> Entry:
    """A state against the nearest of those before whose tables are in the cache."""
    since, missing, results = None, None, None
    try:
        outcome.verdicts(state)
        outcome.bests(state)
        older = next(filter(_is_in_cache, before), None)
        if older is not None and older is not before[0]:
            since = older.name
        results = effects(older, state, frozenset(seen))
    except NotInCacheError as error:
        missing = str(error)
    commit = getattr(state, "commit", None)
    return Entry(
        name=state.name,
        date=commit.date if commit else "",
        subject=commit.subject if commit else "not committed yet",
        causes=causes(before[0], state) if before else first_causes(state),
        effects=results,
        missing=missing,
        since=since,
    )


def _is_in_cache(state: State) -> bool:
    """Whether the cache holds the tables that history is read from."""
    try:
        outcome.verdicts(state)
        outcome.bests(state)
    except NotInCacheError:
        return False
    return True


def _runs(state: State) -> frozenset[str]:
    try:
        return outcome.runs(state)
    except NotInCacheError:
        return frozenset()


def _says_something(entry: Entry) -> bool:
    causes, results = entry.causes, entry.effects
    edited = causes.params or causes.data or causes.code or causes.libraries
    changed = results and (results.new_runs or results.verdicts or results.bests)
    return bool(edited or changed or entry.missing)
