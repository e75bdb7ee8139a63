"""Says in Snakemake's terms, file times, what the keys say; and how a job begins and ends.

Snakemake asks whether an input is newer than an output. Each node has a marker file among its
inputs: newer than anything where the recorded key differs from the key of today, older than
anything where it agrees. So neither clones, checkouts nor clocks decide what runs.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import guarded, write_bytes
from labbook.identity.code import forget_changed_code
from labbook.paths import RUNS
from labbook.provenance.dvc_records import not_pulled
from labbook.provenance.graph import Graph
from labbook.provenance.keyfile import parted, read_key, read_sums, write_key
from labbook.provenance.locks import turn
from labbook.provenance.made import remember, replace_own_alone
from labbook.provenance.nodes import Node
from labbook.provenance.sums import Sums
from labbook.wording import count, few

# When the first training job of this invocation began: see running/progress.py.
BEGUN = Path(".labbook/begun.json")
SECOND = 10**9  # times are in nanoseconds; 0 would mean "missing" to Snakemake


def is_fresh(node: Node, sums: Sums) -> bool:
    """Whether a node's files are all there, made for its key of today, and as its job left them."""
    return read_key(node) == node.key and not parted(node, sums)


def names_of_runs() -> frozenset[str]:
    """The names of the run files that are there."""
    try:
        return frozenset(entry.name for entry in os.scandir(RUNS))
    except OSError:
        return frozenset()


def mark(graph: Graph, sums: Sums | None = None) -> list[str]:
    """Set the times of markers and outputs by the keys. Never touches contents; idempotent.

    `sums` are those of files that were taken already; they are saved. Returns sentences for people
    on what is not here as it should be. Raises `LabbookError` where files cannot be changed, or run
    files are damaged.
    """
    times: dict[str, int] = {}  # nanoseconds: a float would lose some, and with them the order
    sums, stale = sums or Sums(), []
    _refuse_damaged_runs(graph, sums)
    try:
        BEGUN.unlink(missing_ok=True)
        for node in graph.nodes.values():
            node.marker.parent.mkdir(parents=True, exist_ok=True)
            # Its content is new each time: Snakemake ignores the time of an unchanged small file.
            node.marker.write_text(str(time.time_ns()))
            if is_fresh(node, sums):
                _set_time(node.marker, 0)
                since = max((times[up] for up in node.upstream if up in times), default=0)
                times[node.name] = _put_in_order(_timed(node), since, sums)
                continue
            stale.append(node)
            for path in filter(Path.exists, _timed(node)):
                # The clock may have run ahead when they were made; and with one output of time 0
                # Snakemake does not ask whether inputs are newer.
                if path == node.key_file or path.lstat().st_mtime < 1:
                    _set_time(path, SECOND)
    except OSError as error:
        raise LabbookError(
            f"{error.filename}: cannot be changed ({error.strerror}). labbook needs to write under "
            ".labbook, data and results; make them yours (chmod, chown) and run again."
        ) from error
    # Before a job Snakemake removes its key file; and more may become stale on the way.
    remember({p: total for node in graph.nodes.values() for p, total in read_sums(node).items()})
    told = shortfalls(stale, sums)
    sums.save()
    return told


def _refuse_damaged_runs(graph: Graph, sums: Sums) -> None:
    """Raise `LabbookError` if run files, which jobs take as they are, are not what training wrote.

    It is known here alone: before a job Snakemake removes its key file, which has the sums.
    """
    packs = (node for node in graph.nodes.values() if node.name.startswith("train/"))
    recorded = {path: total for node in packs for path, total in read_sums(node).items()}
    found = [
        path.as_posix()
        for path, total in sorted(recorded.items())
        if path.parent == RUNS and sums.of(path) not in (None, total)
    ]
    if found:
        shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        raise LabbookError(
            f"{shown}: not what training wrote (a disk, a cache, a copy or an editor has changed "
            "it). Nothing was done. `labbook verify --mend` moves it to .labbook/damaged; then run "
            "snakemake again: that is trained anew."
        )


def shortfalls(stale: Sequence[Node], sums: Sums) -> list[str]:
    """Sentences for people on stale nodes whose files could be had without making them."""
    told = []
    broken = [path for node in stale if read_key(node) == node.key for path in parted(node, sums)]
    if broken:
        told.append(
            f"{count(len(broken), 'file is', 'files are')} missing or not what the key files say "
            f"({few(broken, 3)}): a `dvc pull` or a copy that broke off, a disk, or an editor. "
            "`dvc checkout --force` brings back what DVC has of them; `snakemake` makes them anew."
        )
    unpulled = not_pulled() if stale else None
    return [*told, unpulled] if unpulled else told


def mark_new(graph: Graph) -> None:
    """Give markers to nodes that have none; leave the others, by which another is at work."""
    for node in graph.nodes.values():
        if not node.marker.exists():
            node.marker.parent.mkdir(parents=True, exist_ok=True)
            node.marker.write_text(str(time.time_ns()))


def _timed(node: Node) -> tuple[Path, ...]:
    """The files whose times Snakemake holds against those of inputs: outputs, and the benchmark."""
    return (*node.outputs, *([node.benchmark] if node.benchmark.exists() else []))


def _put_in_order(outputs: tuple[Path, ...], since: int, sums: Sums) -> int:
    """Make outputs no older than what they were made from, not of the future, and not of time 0.

    That is what all files of some containers have, and to Snakemake it means "missing".
    """
    changed = []
    for path in outputs:
        was = path.lstat().st_mtime_ns
        wanted = min(max(was, since, SECOND), time.time_ns())
        if was != wanted:
            _set_time(path, wanted)
            changed.append(path)
    sums.keep(changed)
    times = (max(path.lstat().st_mtime_ns, path.stat().st_mtime_ns) for path in outputs)
    return max(times, default=0)


def _set_time(path: Path, wanted: int) -> None:
    """Set a file's own time, not that of what it links to."""
    try:
        os.utime(path, ns=(wanted, wanted), follow_symlinks=False)
    except PermissionError:  # another user's, in a shared folder or by a hard link from a cache
        write_bytes(path, path.read_bytes())
        os.utime(path, ns=(wanted, wanted), follow_symlinks=False)


@contextmanager
def job(name: str, asked: str | None) -> Iterator[Graph]:
    """Around the work of a job: refuses what is no longer asked for; at the end writes the key.

    The key is that of the edition which is there at the end: the download decides it.
    """
    with turn(name), guarded(replace_own_alone):
        graph = _graph_for(name, asked)
        editions = graph.editions()
        yield graph
        changed = forget_changed_code() or graph.editions() != editions
        before = graph.nodes[name]
        after = Graph(graph.plan).nodes[name] if changed else graph.node(name)
        known = before.key == after.key or name.startswith("download/")
        if not known or before.asked != after.asked:
            raise LabbookError(
                f"{name}: the code or the data have been changed while this job was at work. "
                "What it made is not used; run snakemake again."
            )
        write_key(after)


def _graph_for(name: str, asked: str | None) -> Graph:
    """The graph of now, for a job that is still asked for and has what it is made from."""
    graph = Graph.load()
    if name not in graph.nodes:
        known = ", ".join(n for n in graph.nodes if n.startswith(name.partition("/")[0]))
        raise LabbookError(f"{name}: params.yaml asks for no such thing. It asks for: {known}.")
    if asked is not None and graph.nodes[name].asked != asked:
        raise LabbookError(
            f"{name}: params.yaml or the code has changed since this job was planned, so it was "
            "not begun. What other jobs have made stays; run the same command again for the rest."
        )
    for upstream in (graph.nodes[up] for up in graph.nodes[name].upstream):
        if read_key(upstream) != upstream.key:
            raise LabbookError(
                f"{name}: {upstream.name}, which it is made from, is not there or was made for "
                "something else (perhaps the data have been changed since this job was planned), "
                "so it was not begun. What other jobs have made stays; run snakemake again for the "
                "rest."
            )
    return graph
