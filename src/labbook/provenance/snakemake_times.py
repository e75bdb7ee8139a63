"""Tells Snakemake which nodes are stale, by file times; and how a job begins and ends.

Snakemake compares the times of inputs and outputs; labbook decides by keys. So each node has a
marker file among its inputs. Where the recorded key is not the key of today, the marker gets a
time newer than any output, else one older than any. Neither clones, checkouts nor clocks decide.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import guarded, write_bytes
from labbook.identity.code import forget_changed_code
from labbook.paths import RUNS
from labbook.provenance.dvc_records import not_pulled
from labbook.provenance.graph import Graph
from labbook.provenance.keyfile import changed_files, read_key_file, write_key
from labbook.provenance.locks import turn
from labbook.provenance.made import remember, replace_own_alone
from labbook.provenance.nodes import Node
from labbook.provenance.sums import Sums
from labbook.wording import count, few

# When the first training job of this invocation began: see running/progress.py.
BEGUN = Path(".labbook/begun.json")
SECOND = 10**9  # times are in nanoseconds; 0 would mean "missing" to Snakemake


def runs_there() -> frozenset[str]:
    """The ids of the runs that have a file."""
    try:
        return frozenset(entry.name.removesuffix(".safetensors") for entry in os.scandir(RUNS))
    except OSError:
        return frozenset()


def mark(graph: Graph, sums: Sums | None = None) -> list[str]:
    """Set the times of markers and outputs by the keys. Never touches contents; idempotent.

    `sums` are checksums that were taken already; they are saved. Returns sentences for people on
    what is not here as it should be. Raises `LabbookError` where files cannot be changed, or run
    files are damaged.
    """
    sums = sums or Sums()
    recorded = {name: read_key_file(node.key_file) for name, node in graph.nodes.items()}
    changed = {
        name: changed_files(node, recorded[name], sums) for name, node in graph.nodes.items()
    }
    # Of run files this is the only moment to see it, as jobs take them as they are: before a job
    # Snakemake removes its key file, which has their checksums.
    _refuse_damaged_runs(
        path
        for name, paths in changed.items()
        for path in paths
        if path.parent == RUNS and path in recorded[name].sums and sums.of(path) is not None
    )
    fresh = {
        name for name, node in graph.nodes.items()
        if recorded[name].key == node.key and not changed[name]
    }  # fmt: skip
    try:
        BEGUN.unlink(missing_ok=True)
        _set_times(graph.nodes, fresh, sums)
    except OSError as error:
        raise LabbookError(
            f"{error.filename}: cannot be changed ({error.strerror}). labbook needs to write under "
            ".labbook, data and results; make them yours (chmod, chown) and run again."
        ) from error
    # Before a job Snakemake removes its key file; and more may become stale on the way.
    remember({path: total for record in recorded.values() for path, total in record.sums.items()})
    sentences = shortfalls([node for node in graph.nodes.values() if node.name not in fresh], sums)
    sums.save()
    return sentences


def _refuse_damaged_runs(damaged: Iterator[Path]) -> None:
    """Raise `LabbookError` if there are run files that are not what training wrote."""
    paths = [path.as_posix() for path in sorted(damaged)]
    if paths:
        shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        raise LabbookError(
            f"{shown}: not what training wrote (a disk, a cache, a copy or an editor has changed "
            "it). Nothing was done. `labbook verify --mend` moves it to .labbook/damaged; then run "
            "snakemake again: that is trained anew."
        )


def shortfalls(stale: Sequence[Node], sums: Sums) -> list[str]:
    """Sentences for people on stale nodes whose files could be had without making them."""
    sentences, broken = [], []
    for node in stale:
        recorded = read_key_file(node.key_file)
        broken += changed_files(node, recorded, sums) if recorded.key == node.key else []
    if broken:
        sentences.append(
            f"{count(len(broken), 'file is', 'files are')} missing or not what the key files say "
            f"({few(broken, 3)}): a `dvc pull` or a copy that broke off, a disk, or an editor. "
            "`dvc checkout --force` brings back what DVC has of them; `snakemake` makes them anew."
        )
    unpulled = not_pulled() if stale else None
    return [*sentences, unpulled] if unpulled else sentences


def _set_times(nodes: Mapping[str, Node], fresh: set[str], sums: Sums) -> None:
    """Set the times of markers and outputs, upstream nodes first."""
    times: dict[str, int] = {}  # nanoseconds: a float would lose some, and with them the order
    for name, node in nodes.items():
        _write_marker(node)
        # The benchmark is an output to Snakemake.
        outputs = (*node.outputs, *([node.benchmark] if node.benchmark.exists() else []))
        if name in fresh:
            _set_time(node.marker, 0)
            since = max((times[up] for up in node.upstream if up in times), default=0)
            times[name] = _put_in_order(outputs, since, sums)
            continue
        for path in filter(Path.exists, outputs):
            # The clock may have run ahead when they were made; and with one output of time 0
            # Snakemake does not ask whether inputs are newer.
            if path == node.key_file or path.lstat().st_mtime < 1:
                _set_time(path, SECOND)


def _write_marker(node: Node) -> None:
    """Its content is new each time: Snakemake ignores the time of an unchanged small file."""
    node.marker.parent.mkdir(parents=True, exist_ok=True)
    node.marker.write_text(str(time.time_ns()))


def mark_new(graph: Graph) -> None:
    """Give markers to nodes that have none; leave the others, by which another is at work."""
    for node in graph.nodes.values():
        if not node.marker.exists():
            _write_marker(node)


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
        before, editions = graph.node(name), graph.editions()
        yield graph
        changed = forget_changed_code() or graph.editions() != editions
        after = Graph(graph.plan).node(name) if changed else graph.renewed(name)
        same_key = before.key == after.key or name.startswith("download/")
        if not same_key or before.asked != after.asked:
            raise LabbookError(
                f"{name}: the code or the data have been changed while this job was at work. "
                "What it made is not used; run snakemake again."
            )
        write_key(after)


def _graph_for(name: str, asked: str | None) -> Graph:
    """The graph of now, for a job that is still asked for and has what it is made from."""
    graph = Graph.load()
    if name not in graph.names:
        alike = ", ".join(n for n in graph.names if n.startswith(name.partition("/")[0]))
        raise LabbookError(f"{name}: params.yaml asks for no such thing. It asks for: {alike}.")
    node = graph.node(name)
    if asked is not None and node.asked != asked:
        raise LabbookError(
            f"{name}: params.yaml or the code has changed since this job was planned, so it was "
            "not begun. What other jobs have made stays; run the same command again for the rest."
        )
    for upstream in map(graph.node, node.upstream):
        if read_key_file(upstream.key_file).key != upstream.key:
            raise LabbookError(
                f"{name}: {upstream.name}, which it is made from, is not there or was made for "
                "something else (perhaps the data have been changed since this job was planned), "
                "so it was not begun. What other jobs have made stays; run snakemake again for the "
                "rest."
            )
    return graph
