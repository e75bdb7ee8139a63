"""Says in Snakemake's terms, file times, what the keys say; and how a job begins and ends.

Snakemake asks whether an input is newer than an output. Each node has a marker file among its
inputs: newer than anything where the recorded key differs from the key of today, older than
anything where it agrees. So neither clones, checkouts nor clocks decide what runs.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labbook.errors import LabbookError
from labbook.graph import RUNS, Graph, Node
from labbook.keys import read_key, write_key
from labbook.locks import turn

# When the first training job of this invocation began: see progress.py.
BEGUN = Path(".labbook/begun.json")
LOG = Path("results/log")  # of each job, by its node's name; DVC does not see it


def is_fresh(node: Node, runs: frozenset[str] | None = None) -> bool:
    """Whether a node's files are all there and were made for its key of today.

    `runs` may give the names in results/runs, read once for many packs.
    """
    if read_key(node) != node.key:
        return False
    return all(
        path.name in runs if runs is not None and path.parent == RUNS else path.exists()
        for path in (*node.outputs, *node.extras)
    )


def names_of_runs() -> frozenset[str]:
    """The names of the run files that are there."""
    try:
        return frozenset(entry.name for entry in os.scandir(RUNS))
    except OSError:
        return frozenset()


def mark(graph: Graph) -> None:
    """Set the times of markers and outputs by the keys. Never touches contents; idempotent."""
    times: dict[str, float] = {}
    runs = names_of_runs()
    try:
        BEGUN.unlink(missing_ok=True)
        for node in graph.nodes.values():
            node.marker.parent.mkdir(parents=True, exist_ok=True)
            # Its content is new each time: Snakemake ignores the time of an unchanged small file.
            node.marker.write_text(str(time.time_ns()))
            if is_fresh(node, runs):
                os.utime(node.marker, (0, 0))
                since = max((times[up] for up in node.upstream if up in times), default=0.0)
                # To Snakemake a job's benchmark is an output: one of before a checkout is older.
                benchmark = LOG / f"{node.name}.tsv"
                also = (benchmark,) if benchmark.exists() else ()
                times[node.name] = _put_in_order((*node.outputs, *also), since)
            elif node.key_file.exists():
                # The clock may have run ahead when the outputs were made. (0 would mean "missing".)
                os.utime(node.key_file, (1, 1), follow_symlinks=False)
    except OSError as error:
        raise LabbookError(
            f"{error.filename}: cannot be changed ({error.strerror}). labbook needs to write under "
            ".labbook, data and results; make them yours (chmod, chown) and run again."
        ) from error


def mark_new(graph: Graph) -> None:
    """Give markers to nodes that have none; leave the others, by which another is at work."""
    for node in graph.nodes.values():
        if not node.marker.exists():
            node.marker.parent.mkdir(parents=True, exist_ok=True)
            node.marker.write_text(str(time.time_ns()))


def _put_in_order(outputs: tuple[Path, ...], since: float) -> float:
    """Make outputs no older than what they were made from and not of the future."""
    for path in outputs:
        was = path.lstat().st_mtime
        wanted = min(max(was, since), time.time())
        if was != wanted:
            os.utime(path, (wanted, wanted), follow_symlinks=False)
    return max(max(path.lstat().st_mtime, path.stat().st_mtime) for path in outputs)


@contextmanager
def job(name: str, asked: str | None) -> Iterator[Graph]:
    """Around the work of a job: refuses what is no longer asked for; at the end writes the key.

    The key is that of the edition which is there at the end: the download decides it.
    """
    with turn(name):
        graph = _graph_for(name, asked)
        yield graph
        after = Graph(graph.plan).nodes[name]
        if not name.startswith("download/") and after.key != graph.nodes[name].key:
            raise LabbookError(
                f"{name}: the data have been changed while this job was at work. What it made is "
                "not used; run snakemake again."
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
    return graph
