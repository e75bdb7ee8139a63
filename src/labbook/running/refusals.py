"""What keeps a job from beginning: an edit, or that what it is made from is not there."""

from labbook.errors import LabbookError, OvertakenError
from labbook.params.load import making
from labbook.provenance.checksums import is_made, read_key_file
from labbook.provenance.graph import Graph
from labbook.provenance.node import Node


def refuse_what_cannot_begin(graph: Graph, name: str, asked: str | None) -> None:
    """Raise `OvertakenError` unless a job is still asked for, and made from what is asked for.

    Or `LabbookError` where nobody asks for it, or what it is made from is not there.
    """
    is_there = name in graph.names
    if not is_there and asked is None:
        alike = ", ".join(n for n in graph.names if n.startswith(name.partition("/")[0]))
        raise LabbookError(f"{name}: params.yaml asks for no such thing. It asks for: {alike}.")
    if not is_there or (asked is not None and graph.node(name).asked != asked):
        raise OvertakenError(
            f"{name}: params.yaml or the code has changed since this job was planned, so it was "
            "not begun. What other jobs have made stays; run the same command again for the rest."
        )
    for upstream in map(graph.node, graph.node(name).upstream):
        if not is_made(upstream):
            raise _without(name, upstream)


def _without(name: str, upstream: Node) -> LabbookError:
    """Why a job cannot begin: a node that it is made from was made before an edit, or lacks."""
    if read_key_file(upstream.key_file).key not in (None, upstream.key):
        return OvertakenError(
            f"{name}: {upstream.name}, which it is made from, was made for something else (perhaps "
            "params.yaml or the data have been changed since this job was planned), so it was not "
            "begun. What other jobs have made stays; run snakemake again for the rest."
        )
    lacking = next((path for path in upstream.outputs if not path.exists()), upstream.key_file)
    return LabbookError(
        f"{name}: {upstream.name}, which it is made from, is not there: {lacking} is missing or "
        f"cannot be read. Run snakemake for it first: {making(str(upstream.key_file))}"
    )
