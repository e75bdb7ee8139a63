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
from labbook.files import write_bytes
from labbook.graph import RUNS, Graph, Node
from labbook.keys import parted, read_key, write_key
from labbook.recorded import not_pulled
from labbook.sums import Sums

# When the first training job of this invocation began: see progress.py.
BEGUN = Path(".labbook/begun.json")
SECOND = 1_000_000_000  # nanoseconds


def is_fresh(node: Node, sums: Sums) -> bool:
    """Whether a node's files are all there, made for its key of today, and as its job left them."""
    return read_key(node) == node.key and not parted(node, sums)


def names_of_runs() -> frozenset[str]:
    """The names of the run files that are there."""
    try:
        return frozenset(entry.name for entry in os.scandir(RUNS))
    except OSError:
        return frozenset()


def mark(graph: Graph) -> list[str]:
    """Set the times of markers and outputs by the keys. Never touches contents; idempotent.

    Returns sentences for people on what is not here as it should be. Raises `LabbookError`.
    """
    times: dict[str, int] = {}  # nanoseconds: a float would lose some, and with them the order
    sums, stale = Sums(), []
    try:
        BEGUN.unlink(missing_ok=True)
        for node in graph.nodes.values():
            node.marker.parent.mkdir(parents=True, exist_ok=True)
            # Its content is new each time: Snakemake ignores the time of an unchanged small file.
            node.marker.write_text(str(time.time_ns()))
            if is_fresh(node, sums):
                os.utime(node.marker, (0, 0))
                since = max((times[up] for up in node.upstream if up in times), default=0)
                times[node.name] = _put_in_order(node.outputs, since, sums)
                # Snakemake counts the benchmark among a job's outputs.
                benchmark = Path("results/log", f"{node.name}.tsv")
                _put_in_order((benchmark,) if benchmark.exists() else (), since, sums)
                continue
            stale.append(node)
            if node.key_file.exists():
                # The clock may have run ahead when the outputs were made. (0 would mean "missing".)
                _set_time(node.key_file, SECOND)
    except OSError as error:
        raise LabbookError(
            f"{error.filename}: cannot be changed ({error.strerror}). labbook needs to write under "
            ".labbook, data and results; make them yours (chmod, chown) and run again."
        ) from error
    told = shortfalls(stale, sums)
    sums.save()
    return told


def shortfalls(stale: Sequence[Node], sums: Sums) -> list[str]:
    """Sentences for people on stale nodes whose files could be had without making them."""
    told = []
    broken = [path for node in stale if read_key(node) == node.key for path in parted(node, sums)]
    if broken:
        shown = ", ".join(map(str, broken[:3])) + (", ..." if len(broken) > 3 else "")
        told.append(
            f"{len(broken)} files are missing or are not what their key files say ({shown}): a "
            "`dvc pull` or a copy that broke off, a disk, or an editor. `dvc checkout --force` "
            "brings back what DVC has of them; `snakemake` makes them anew."
        )
    unpulled = not_pulled() if stale else None
    return [*told, unpulled] if unpulled else told


def _put_in_order(outputs: tuple[Path, ...], since: int, sums: Sums) -> int:
    """Make outputs no older than what they were made from and not of the future."""
    changed = []
    for path in outputs:
        was = path.lstat().st_mtime_ns
        wanted = min(max(was, since), time.time_ns())
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
    except PermissionError:  # a hard link to another user's file in a shared cache
        write_bytes(path, path.read_bytes())
        os.utime(path, ns=(wanted, wanted), follow_symlinks=False)


@contextmanager
def job(name: str, asked: str | None) -> Iterator[Graph]:
    """Around the work of a job: refuses what is no longer asked for; at the end writes the key.

    The key is that of the edition which is there at the end: the download decides it.
    """
    graph = Graph.load()
    if name not in graph.nodes:
        known = ", ".join(n for n in graph.nodes if n.startswith(name.partition("/")[0]))
        raise LabbookError(f"{name}: params.yaml asks for no such thing. It asks for: {known}.")
    if asked is not None and graph.nodes[name].asked != asked:
        raise LabbookError(
            f"{name}: params.yaml or the code has changed since this job was planned. "
            "Nothing was done; run the same command again."
        )
    for upstream in (graph.nodes[up] for up in graph.nodes[name].upstream):
        if read_key(upstream) != upstream.key:
            raise LabbookError(
                f"{name}: {upstream.name}, which it is made from, is not there or was made for "
                "something else (perhaps the data have been changed since this job was planned). "
                "Nothing was done; run snakemake again."
            )
    yield graph
    write_key(Graph(graph.plan).nodes[name])
