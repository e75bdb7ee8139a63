"""The history of a project: for each commit that recorded results, what changed with it."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from labbook.history import git as commits
from labbook.history import outcome
from labbook.history.changes import Causes, Effects, Part, causes, effects
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

    def parts(self) -> list[Part]:
        """All of it in words, by heading, as the terminal and the page print it."""
        if self.effects is None:
            return [*self.causes.parts(), ("results", [self.missing or ""])]
        since: list[Part] = [("against", [self.since])] if self.since else []
        return [*self.causes.parts(), *since, *self.effects.parts()]

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
        before, ancestor = [], commit
        while ancestor.parents and ancestor.parents[0] in states:
            before.append(states[ancestor.parents[0]])
            ancestor = before[-1].commit
        entry = _entry(states[commit.hash], before, seen)
        if len(commit.parents) < 2 or _says_something(entry):  # a merge may have nothing new
            entries.append(entry)
        with suppress(NotInCacheError):
            seen.update(outcome.runs(states[commit.hash]))
    entries.reverse()
    if not revisions:
        newest = [states[listed[0].hash]] if listed else []
        workspace = _entry(Workspace(), newest, seen)
        entries = [workspace, *entries] if _says_something(workspace) else entries
    return entries


def _entry(state: State, before: list[State], seen: set[str]) -> Entry:
    """A state against the nearest of those `before` it whose tables are in the cache."""
    commit = None if isinstance(state, Workspace) else state.commit
    missing, since, results = _missing_tables(state), None, None
    if missing is None:
        older = next((other for other in before if _missing_tables(other) is None), None)
        since = older.name if older is not None and older is not before[0] else None
        results = effects(older, state, frozenset(seen))
    return Entry(
        name=state.name,
        date=commit.date if commit else "",
        subject=commit.subject if commit else "not committed yet",
        causes=causes(before[0] if before else None, state),
        effects=results,
        missing=missing,
        since=since,
    )


def _missing_tables(state: State) -> str | None:
    """Why the tables that history is read from cannot be had; None where the cache holds them."""
    try:
        outcome.verdicts(state)
        outcome.bests(state)
    except NotInCacheError as error:
        return str(error)
    return None


def _says_something(entry: Entry) -> bool:
    causes, results = entry.causes, entry.effects
    edited = causes.params or causes.data or causes.code or causes.libraries
    changed = results and (results.new_runs or results.verdicts or results.bests)
    return bool(edited or changed or entry.missing)
