"""What Snakemake's main process does first: takes the folder, tidies up, marks what is stale."""

import re
import sys
from collections.abc import Sequence

from labbook.errors import LabbookError
from labbook.history.experiments import recall
from labbook.housekeeping.sweep import sweep
from labbook.paths import ATTIC
from labbook.provenance.attic import move_aside
from labbook.provenance.checksums import Sums
from labbook.provenance.dvc_records import refuse_broken_links
from labbook.provenance.graph import Graph
from labbook.provenance.locks import BusyError, alone, hold_for_life
from labbook.provenance.ownership import in_the_way, in_the_way_text
from labbook.provenance.snakemake_times import mark, mark_new
from labbook.running.console import quieten_snakemake
from labbook.running.progress import BEGUN
from labbook.running.targets import refuse_unknown
from labbook.wording import few

# Arguments of Snakemake with which it only looks, and may do so beside another at work.
LOOKING = re.compile(
    r"-[Fkpw]*n[Fkpw]*|--(dry-?run|dag|d3dag|rulegraph|filegraph|summary|detailed-summary"
    r"|lint|list(-[a-z-]+)?|report(=.*)?)|-[DSl]"
)
SOON = 1.0  # seconds that a dry run waits for another to have marked what is stale


def begin(arguments: Sequence[str]) -> Graph:
    """The graph of now, its markers set by the keys; `arguments` are those of Snakemake.

    What only looks holds the folder for a moment. Where another is at work it leaves the markers
    as that other has set them, and says so. Raises `LabbookError` where a file of the user's own
    lies where labbook has never written, or where a target is of a study, tuning or step that there
    is not, and `BusyError`, which says who is at work.
    """
    quieten_snakemake()
    refuse_broken_links()
    if any(LOOKING.fullmatch(argument) for argument in arguments):
        graph = _look()
        refuse_unknown(graph, arguments)
        return graph
    hold_for_life()
    sweep()
    graph, sums = Graph.load(), Sums()
    refuse_unknown(graph, arguments)
    obstacles = in_the_way(graph, sums)  # Snakemake removes outputs without a word
    if obstacles.foreign:
        raise LabbookError(in_the_way_text(obstacles.foreign))
    if obstacles.changed:
        move_aside(obstacles.changed)
        print(
            f"labbook: changed since labbook made it, or pulled in part; moved to {ATTIC} and made "
            f"anew: {few(obstacles.changed)}",
            file=sys.stderr,
        )
        graph = Graph.load()
    _mark(graph, sums)
    recall(set(graph.run_ids.values()))
    return graph


def _look() -> Graph:
    try:
        with alone(SOON):
            graph, sums = Graph.load(), Sums()
            if foreign := in_the_way(graph, sums).foreign:
                print(f"labbook: {in_the_way_text(foreign)}", file=sys.stderr)
            _mark(graph, sums)
            return graph
    except BusyError as error:
        print(f"labbook: {error}\nShown is what it had planned and not done yet.", file=sys.stderr)
    graph = Graph.load()
    mark_new(graph)
    return graph


def _mark(graph: Graph, sums: Sums) -> None:
    BEGUN.unlink(missing_ok=True)
    for sentence in mark(graph, sums):
        print(sentence, file=sys.stderr)
