"""Tells Snakemake which nodes are stale, by file times.

Snakemake compares the times of inputs and outputs; labbook decides by keys. So each node has a
marker file among its inputs. Where the recorded key is not the key of today, the marker gets a
time newer than any output, else one older than any. Neither clones, checkouts nor clocks decide.
"""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.paths import RUNS
from labbook.provenance.checksums import Sums, changed_files, read_key_file, remember
from labbook.provenance.dvc_records import not_pulled
from labbook.provenance.graph import Graph
from labbook.provenance.node import Node
from labbook.wording import count, few

SECOND = 10**9  # times are in nanoseconds; 0 would mean "missing" to Snakemake


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
    damaged = sorted(
        path for name, paths in changed.items() for path in paths
        if path.parent == RUNS and path in recorded[name].sums and sums.of(path) is not None
    )  # fmt: skip
    if damaged:
        raise LabbookError(
            f"{few(damaged, 3)}: not what training wrote (a disk, a cache, a copy or an editor has "
            "changed it). Nothing was done. `labbook verify --mend` moves it to .labbook/damaged; "
            "then run snakemake again: that is trained anew."
        )
    fresh = {
        name for name, node in graph.nodes.items()
        if recorded[name].key == node.key and not changed[name]
    }  # fmt: skip
    try:
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
        is_fresh = name in fresh
        if not (is_fresh and node.marker.exists() and node.marker.stat().st_mtime_ns == 0):
            _write_marker(node)
        # The benchmark is an output to Snakemake.
        outputs = (*node.outputs, *([node.benchmark] if node.benchmark.exists() else []))
        if is_fresh:
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
