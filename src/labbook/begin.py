"""What Snakemake's main process does first: takes the folder, tidies up, marks what is stale."""

import re
import sys
from collections.abc import Sequence

from labbook.attic import ATTIC, in_the_way, move_aside
from labbook.graph import Graph
from labbook.leftovers import sweep
from labbook.locks import BusyError, alone, hold_for_life
from labbook.marks import mark, mark_new
from labbook.recall import recall
from labbook.stages import refuse_broken_links

# Arguments of Snakemake with which it only looks, and may do so beside another at work.
LOOKING = re.compile(
    r"-[Fkpw]*n[Fkpw]*|--(dry-?run|dag|d3dag|rulegraph|filegraph|summary|detailed-summary"
    r"|lint|list(-[a-z-]+)?)|-[DSl]"
)
MOST = 5  # files that are named
SOON = 1.0  # seconds that a dry run waits for another to have marked what is stale


def begin(arguments: Sequence[str]) -> Graph:
    """The graph of now, its markers set by the keys; `arguments` are those of Snakemake.

    What only looks holds the folder for a moment. Where another is at work it leaves the markers
    as that other has set them, and says so. Raises `LabbookError`, of which `BusyError` says who
    is at work.
    """
    refuse_broken_links()
    if not any(LOOKING.fullmatch(argument) for argument in arguments):
        hold_for_life()
        sweep()
        graph = _marked(_with_a_clear_way(Graph.load()))
        recall(set(graph.run_ids.values()))
        return graph
    try:
        with alone(SOON):
            return _marked(Graph.load())
    except BusyError as error:
        print(f"labbook: {error}\nShown is what it had planned and not done yet.", file=sys.stderr)
    graph = Graph.load()
    mark_new(graph)
    return graph


def _with_a_clear_way(graph: Graph) -> Graph:
    """Moves a user's file from where a job will write: Snakemake would remove it without a word."""
    paths = in_the_way(graph)
    if not paths:
        return graph
    move_aside(paths)
    shown = ", ".join(map(str, paths[:MOST])) + (", ..." if len(paths) > MOST else "")
    print(
        f"labbook: moved to {ATTIC}, being in the way of what is made now, and no work of "
        f"labbook's as far as is known here: {shown}",
        file=sys.stderr,
    )
    return Graph.load()


def _marked(graph: Graph) -> Graph:
    for sentence in mark(graph):
        print(sentence, file=sys.stderr)
    return graph
