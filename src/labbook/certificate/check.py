"""Whether every file is as its job left it, and was made for the params and code of this folder.

Nothing is trained and no engine loaded: each file is read once, and its sum compared with the one
in its node's key file. And whether dvc.lock records these very key files: as they hold all sums, it
then records all.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import read_bytes
from labbook.history import git as commits
from labbook.history.state import Locked
from labbook.identity.code import file_digest
from labbook.paths import EDITION, TOPS, is_inside, leads_outside
from labbook.provenance.checksums import read_key_file
from labbook.provenance.dvc_records import LOCK, md5, read_lock
from labbook.provenance.graph import Graph
from labbook.provenance.node import Node
from labbook.provenance.ownership import unasked

WHOLE, MISSING, STALE, DAMAGED = "whole", "missing", "stale", "damaged"
STATES = (WHOLE, MISSING, STALE, DAMAGED)
# What there should be follows from these files: the graph reads them.
DECIDING = (EDITION, "champion.json", "index.json")


@dataclass(frozen=True)
class NodeState:
    """Whether a node is whole; `files` are those of its files that are missing or damaged."""

    node: str
    state: str
    files: tuple[Path, ...] = ()

    @property
    def kind(self) -> str:
        """The rule that makes it, `train` for example."""
        return self.node.partition("/")[0]


@dataclass(frozen=True)
class Check:
    """The states of all nodes, upstream first.

    `graph` is None where a damaged file keeps it from being known. `sums` are the SHA-256 of all
    files that were read, by path.
    """

    states: tuple[NodeState, ...]
    graph: Graph | None
    sums: Mapping[Path, str]
    unasked: int = 0

    def of(self, *states: str) -> list[NodeState]:
        """The nodes that are in one of these states."""
        return [node for node in self.states if node.state in states]

    @property
    def whole(self) -> list[Node]:
        """The nodes that are whole."""
        if self.graph is None:
            return []
        return [self.graph.nodes[whole.node] for whole in self.of(WHOLE)]


def check() -> Check:
    """Check all that is in data and results. Raises `LabbookError` where a file cannot be read."""
    recorded = {path: _own_sums(path) for path in _key_files()}
    sums = _sums_of({path for files in recorded.values() for path in files if path.exists()})
    damaged = {
        key_file: other
        for key_file, files in recorded.items()
        if (other := tuple(p for p, total in sorted(files.items()) if sums.get(p, total) != total))
    }
    deciding = tuple(_deciding(recorded, damaged))
    if deciding:
        return Check(deciding, None, sums)
    graph = Graph.load()
    states = tuple(_state_of(node, damaged) for node in graph.nodes.values())
    return Check(states, graph, sums, len(unasked(graph)))


def is_as_its_job_left_it(path: Path) -> bool:
    """Whether a file has the sum in a key file; True where none names it."""
    totals = (_own_sums(key_file).get(path) for key_file in _key_files())
    total = next(filter(None, totals), None)
    return total is None or (not leads_outside(path) and total == file_digest(path))


def _key_files() -> list[Path]:
    paths = (path for top in TOPS for path in Path(top).rglob("*key"))
    return sorted(p for p in paths if p.name == "key" or p.suffix == ".key")


def _own_sums(key_file: Path) -> dict[Path, str]:
    """The sums in a key file, but for paths that no job of labbook writes to."""
    sums = read_key_file(key_file).sums
    within = {p: s for p, s in sums.items() if is_inside(p.as_posix()) and p.parts[0] in TOPS}
    elsewhere = {folder for folder in {p.parent for p in within} if leads_outside(folder)}
    return {p: s for p, s in within.items() if p.parent not in elsewhere}


def _sums_of(paths: Iterable[Path]) -> dict[Path, str]:
    """Of each file its sum, or no digits where it is not of here and is not read."""
    try:
        return {path: "" if leads_outside(path) else file_digest(path) for path in sorted(paths)}
    except OSError as error:
        raise LabbookError(
            f"{error.filename}: cannot be read ({error.strerror}). Make it yours (chmod, chown) or "
            "remove it, and verify again."
        ) from error


def _deciding(
    recorded: Mapping[Path, Mapping[Path, str]], damaged: Mapping[Path, Iterable[Path]]
) -> Iterable[NodeState]:
    """The states of files that decide what there should be, named after their folders."""
    for key_file, files in recorded.items():
        bad = tuple(path for path in damaged.get(key_file, ()) if path.name in DECIDING)
        lost = tuple(path for path in files if path.name == EDITION and not path.exists())
        if bad or lost:
            yield NodeState(key_file.parent.as_posix(), DAMAGED if bad else MISSING, bad or lost)


def _state_of(node: Node, damaged: Mapping[Path, tuple[Path, ...]]) -> NodeState:
    """Damage first: snakemake refuses to go on from a damaged run, also where the node is stale."""
    files = {*node.outputs, *node.extras}
    absent = tuple(sorted(path for path in files if not path.exists()))
    if node.key_file in damaged:
        return NodeState(node.name, DAMAGED, damaged[node.key_file])
    recorded = read_key_file(node.key_file)
    if node.key_file in absent:
        return NodeState(node.name, MISSING, absent)
    if recorded.key is None:
        return NodeState(node.name, DAMAGED, (node.key_file,))
    if recorded.key != node.key:
        return NodeState(node.name, STALE)
    if not set(recorded.sums) == set(_own_sums(node.key_file)) == files - {node.key_file}:
        return NodeState(node.name, DAMAGED, (node.key_file,))
    if absent:
        return NodeState(node.name, MISSING, absent)
    return NodeState(node.name, WHOLE)


@dataclass(frozen=True)
class Recorded:
    """How many key files dvc.lock records as they are, and those that it does not.

    `why_not` says why nothing was compared; `commit` is that of HEAD if dvc.lock is the same there.
    """

    same: int = 0
    others: tuple[Path, ...] = ()
    why_not: str | None = None
    commit: str | None = None


def compare_with_lock(nodes: Iterable[Node]) -> Recorded:
    """Compare the key files of these nodes with what dvc.lock lists."""
    if not Path(LOCK).exists():
        return Recorded(why_not="there is no dvc.lock: `dvc repro` would write one")
    try:
        listed = Locked().files
    except LabbookError as error:
        return Recorded(why_not=str(error))
    paths = [node.key_file for node in nodes]
    others = tuple(path for path in paths if listed.get(path.as_posix()) != md5(read_bytes(path)))
    commit = None
    with suppress(LabbookError):
        head = commits.resolve("HEAD")
        commit = head.short if commits.read(head, LOCK) == read_lock() else None
    return Recorded(len(paths) - len(others), others, commit=commit)
