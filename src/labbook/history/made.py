"""When runs were made, as far as the log of training and git know: no run file holds a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labbook.history import git, outcome
from labbook.history.git import Commit
from labbook.history.state import State
from labbook.paths import RUNS
from labbook.provenance.dvc_records import NotInCacheError

TRAINED, RECORDED, PERHAPS = "trained at", "recorded by", "perhaps recorded by"


@dataclass(frozen=True)
class Evidence:
    """That a run was there at a commit: trained when HEAD was at it, or recorded by it.

    PERHAPS: the commit's results are not in DVC's cache, and the run may be among them.
    """

    how: str
    commit: str


@dataclass(frozen=True)
class Made:
    """What is known of when runs were made.

    `logged` has the commits of first trainings, by run id and by what a run was asked, as far as
    they are `known` to git; `recorded` the commits that recorded a run while none before them did;
    `unreadable` those whose results are not in the cache.
    """

    there: frozenset[str]
    logged: Mapping[str, str | None]
    recorded: Mapping[str, list[str]]
    unreadable: tuple[str, ...]
    known: Mapping[str, Commit]

    def is_there(self, run: str) -> bool:
        """Whether the run is or was ever there."""
        return run in self.there or run in self.recorded

    def evidence(self, run: str, asked: str) -> list[Evidence]:
        """All that is known of when a run was first made; nothing where nobody knows."""
        found = [Evidence(RECORDED, commit) for commit in self.recorded.get(run, [])]
        trained = [self.logged[name] for name in (run, asked) if name in self.logged]
        if trained and all(commit in self.known for commit in trained):
            return [*(Evidence(TRAINED, commit) for commit in trained if commit), *found]
        perhaps = [Evidence(PERHAPS, commit) for commit in self.unreadable]
        return [*found, *perhaps] if found else []


def runs_there() -> frozenset[str]:
    """Ids of the runs whose files are in the folder now."""
    return frozenset(path.stem for path in Path(RUNS).glob("*.safetensors"))


def first_recorded() -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """The commits up to HEAD that recorded a run while none before them did, by run id.

    And those of which that is not known, as their results are not in DVC's cache.
    """
    first: dict[str, list[str]] = {}
    unreadable: list[str] = []
    seen: dict[str, frozenset[str]] = {}
    for commit in reversed(git.recorded()):  # parents come first
        before = frozenset[str]().union(*(seen.get(p, frozenset()) for p in commit.parents))
        try:
            runs = outcome.runs(State(commit))
        except NotInCacheError:
            unreadable.append(commit.hash)
            runs = frozenset()
        for run in runs - before:
            first.setdefault(run, []).append(commit.hash)
        seen[commit.hash] = before | runs
    return first, tuple(unreadable)
