"""Which run files nobody owns any more: neither params.yaml nor a commit that is kept."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from labbook.files import read_json, write_json
from labbook.history import git as commits
from labbook.history import outcome
from labbook.history.champions import abouts
from labbook.history.git import Commit
from labbook.history.state import Locked, State
from labbook.paths import ATTIC, RUNS
from labbook.provenance.dvc_records import NotInCacheError
from labbook.provenance.graph import Graph
from labbook.provenance.ownership import is_run

# The runs of champions by commit: once a commit's results have left the cache, it alone knows them.
CHAMPIONS = Path(".labbook/champions.json")
ASKED = "params.yaml asks for it"
OWNED = "a kept commit has it"
RECORDED = "dvc.lock records it, not committed yet"
CHAMPION = "it is a champion of some commit"
UNKNOWN = "a commit that is not known here may have it"
NOBODYS = "of no commit"
SHALLOW = (
    "This is a shallow clone, which lacks older commits: `git fetch --unshallow` brings them, and "
    "`dvc fetch --all-commits` what they recorded."
)
LEFT_OUT = "only of commits that --keep leaves out"


@dataclass(frozen=True)
class Survey:
    """Run files by the reason to keep or to remove them, and what could not be known."""

    kept: Mapping[str, list[Path]]
    removed: Mapping[str, list[Path]]
    unknown: list[str] = field(default_factory=list)
    champions: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def paths(self) -> list[Path]:
        """What may be removed."""
        return [path for paths in self.removed.values() for path in paths]


def survey(graph: Graph, keep: int | None = None) -> Survey:
    """Sort all run files. `keep`: of each branch only the newest so many commits and all tags."""
    every = commits.all_recorded()
    kept = every if keep is None else _newest(keep)
    hashes = {commit.hash for commit in kept}
    owned: set[str] = set()
    elsewhere: set[str] = set()
    unknown = [SHALLOW] if commits.is_shallow() else []
    champions: dict[str, list[str]] = read_json(CHAMPIONS) if CHAMPIONS.exists() else {}
    for commit in {commit.hash: commit for commit in (*every, *kept)}.values():
        state = State(commit)
        try:
            (owned if commit.hash in hashes else elsewhere).update(outcome.runs(state))
            champions[commit.hash] = sorted({str(a["run"]) for a in abouts(state).values()})
        except NotInCacheError as error:
            if commit.hash in hashes or commit.hash not in champions:
                unknown.append(str(error))
    recorded: frozenset[str] = frozenset()
    try:
        recorded = outcome.runs(Locked())
    except NotInCacheError as error:
        unknown.append(str(error))
    reasons = {
        ASKED: graph.asked_runs(),
        OWNED: owned,
        RECORDED: recorded,
        CHAMPION: {run for runs in champions.values() for run in runs},
    }
    to_keep: dict[str, list[Path]] = {}
    to_remove: dict[str, list[Path]] = {}
    paths = [*RUNS.glob("*.safetensors"), *(ATTIC / RUNS).glob("*.safetensors")]
    for path in sorted(filter(is_run, paths)):
        reason = next((reason for reason, runs in reasons.items() if path.stem in runs), None)
        if reason is not None or unknown:
            to_keep.setdefault(reason or UNKNOWN, []).append(path)
        else:
            why = LEFT_OUT if path.stem in elsewhere else NOBODYS
            to_remove.setdefault(why, []).append(path)
    return Survey(to_keep, to_remove, unknown, champions)


def remember(survey: Survey) -> None:
    """Write down which runs are champions, for when the cache does not know it any more."""
    write_json(CHAMPIONS, dict(survey.champions))


def gc_command(keep: int | None) -> str:
    """What frees DVC's cache to the same extent."""
    if keep is None:
        return "dvc gc --workspace --all-commits --all-experiments"
    return f"dvc gc --workspace --all-branches --num {keep} --all-tags --all-experiments"


def total(paths: Iterable[Path]) -> int:
    """Bytes of files; of those that have gone meanwhile none."""
    size = 0
    for path in paths:
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def _newest(count: int) -> list[Commit]:
    walked = [*commits.branches(), *commits.experiments(), *commits.head()]
    newest = [commit for name in walked for commit in commits.newest(name, count)]
    return [*newest, *(commits.resolve(tag) for tag in commits.tags())]
