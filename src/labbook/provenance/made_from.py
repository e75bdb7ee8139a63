"""What the results follow from, as the report tells it: jobs, versions and keys.

All of it is part of the report's key, so equal keys still give equal pages. Of Python, of machines
and of the number of packs, which are part of no key, it says nothing.
"""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labbook import __version__
from labbook.provenance.job_code import CODE, code_of

if TYPE_CHECKING:
    from labbook.provenance.graph import Graph

LAST = "report"  # its own node follows from what is told here
ITS_UPSTREAM = ("figures", "describe", "claims")


def made_from(graph: "Graph") -> dict[str, Any]:
    """labbook's version, and each kind of job: how many there are, from what, by what code.

    `code` is a version of the numbers or a digest, as `code_of` says, `libraries` are those whose
    versions count. Trainings are counted by runs, with an entry for each engine. All is known
    before the edition of the data is.
    """
    return {"labbook": __version__, "jobs": [*_jobs(graph)]}


def keys_of(graph: "Graph") -> dict[str, str]:
    """The keys of the report and of each prepared data set, by node."""
    names = (*(f"prepare/{name}" for name in graph.datasets), LAST)
    return {name: graph.node(name).key for name in names}


def _jobs(graph: "Graph") -> Iterator[dict[str, Any]]:
    nodes = [graph.node(name) for name in graph.names if name != LAST]
    above: dict[str, dict[str, None]] = {}
    for node in nodes:
        own = above.setdefault(node.kind, {})
        kinds = dict.fromkeys(name.partition("/")[0] for name in node.upstream)
        # Not what comes back: looks and steps ask for further trainings, and rest on those before.
        met = list(above)
        own.update({kind: None for kind in kinds if met.index(kind) < met.index(node.kind)})
    above[LAST] = dict.fromkeys(ITS_UPSTREAM)
    counts = Counter(node.kind for node in nodes) | {LAST: 1}
    for kind, upstream in above.items():
        made = {"kind": kind, "engine": None, "from": list(upstream), "count": counts[kind]}
        if kind == "train":
            yield from (made | trained for trained in _engines(graph))
        else:
            yield made | _maker(kind)


def _maker(kind: str) -> dict[str, Any]:
    """The code of a kind of job and its libraries; of downloads they follow from what is found."""
    code, libraries = code_of(kind) if kind in CODE else ("", {})
    return {"code": code, "libraries": dict(libraries)}


def _engines(graph: "Graph") -> Iterator[dict[str, Any]]:
    """How many runs each engine trains in any case, by what code, with which libraries.

    What looks and steps ask for besides is not known beforehand.
    """
    sure = [run for pack in graph.plan.packs.values() if not pack.after for run in pack.runs]
    recipes = {run.settings: run.recipe for run in sure}
    makers = {name: (graph.engine(one), one.model.kind) for name, one in recipes.items()}
    runs = Counter(makers[run.settings] for run in sure)
    for engine in sorted({engine for engine, _ in runs}):
        own = [maker for maker in sorted(runs) if maker[0] == engine]
        codes = sorted({graph.maker(*maker)["code"] for maker in own})
        yield {
            "engine": engine,
            "count": sum(runs[maker] for maker in own),
            "code": ", ".join(codes),
            "libraries": dict(graph.maker(*own[0])["libraries"]),
        }
