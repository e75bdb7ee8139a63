"""Refuses targets of Snakemake whose names params.yaml does not have: Snakemake says no reason."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from labbook.errors import LabbookError
from labbook.params.load import params_path
from labbook.params.messages import nearest
from labbook.paths import RESULTS
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_tunings import TUNE


def refuse_unknown(graph: Graph, arguments: Sequence[str]) -> None:
    """Raise `LabbookError` where a target is of a tuning, a step or a study that there is not."""
    for path in map(Path, arguments):
        for folder, refuse in ((TUNE, _refuse_tuning), (RESULTS, _refuse_study)):
            if path.is_relative_to(folder):
                name, *file = (*path.relative_to(folder).parts, "")
                refuse(graph, path, name, file[:-1])
                break


def _refuse_tuning(graph: Graph, path: Path, name: str, file: Sequence[str]) -> None:
    tunings = graph.plan.tunings
    if file and name not in tunings:
        raise LabbookError(_unknown(path, "tuning", name, tunings))
    if len(file) == 1 and path.suffix == ".json":
        steps = [tunings[name].numbered(step) for step in tunings[name].steps]
        if path.stem not in steps:
            text = nearest(path.stem, steps)
            raise LabbookError(f"{path}: the tuning {name} has no step {path.stem!r}; {text}.")


def _refuse_study(graph: Graph, path: Path, name: str, file: Sequence[str]) -> None:
    """A study's name, where the file is one that studies have."""
    studies = graph.plan.studies
    if file and studies and name not in studies:
        some = next(iter(studies))
        made = [*graph.node(f"evaluate/{some}").outputs, *graph.node(f"figures/{some}").outputs]
        if RESULTS.joinpath(some, *file) in made:
            raise LabbookError(_unknown(path, "study", name, studies))


def _unknown(path: Path, what: str, name: str, there: Iterable[str]) -> str:
    return f"{path}: {params_path()} has no {what} {name!r}; {nearest(name, there)}."
