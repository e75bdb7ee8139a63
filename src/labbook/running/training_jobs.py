"""Jobs that train: the runs of a pack, or a slot's share of what a step of a tuning asks for."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_json
from labbook.params.studies import Recipe
from labbook.paths import CHECKPOINTS, RUNS
from labbook.provenance.attic import bring_back
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_rounds import look_file
from labbook.provenance.runs_in_training import in_training
from labbook.running.progress import Progress
from labbook.running.tuning_jobs import share_of
from labbook.training.runfile import run_path
from labbook.wording import few

Asked = Sequence[tuple[Recipe, int]]  # recipes and seeds


def train(graph: Graph, name: str, inputs: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Train what is asked for and not there yet, and list it. Raises `LabbookError`."""
    if name in graph.plan.slots:
        asked = share_of(graph, graph.plan.slots[name])
    else:
        asked = _asked_of(graph, name)
    # Nobody knows beforehand what a tuning asks for, so another job may be training the same run.
    with in_training(_lacking(graph, asked)) if graph.plan.tunings else nullcontext():
        ids = _train(graph, asked, inputs[0])
    write_json(outputs[0], {"runs": ids})


def _asked_of(graph: Graph, name: str) -> list[tuple[Recipe, int]]:
    """What a pack is asked to train. Raises `LabbookError` where a look that says so is broken."""
    pack = graph.plan.packs[name]
    runs = graph.asked_of(pack)
    if runs is None:
        files = few([look_file(*look) for look in pack.after])
        raise LabbookError(
            f"{files}: does not say which combinations go on. Remove it and run snakemake again: "
            "it is made anew."
        )
    return [(run.recipe, run.seed) for run in runs]


def _lacking(graph: Graph, asked: Asked) -> set[str]:
    """The ids of those runs that are not there."""
    ids = {graph.identified(*one)[0] for one in asked}
    return {run_id for run_id in ids if not run_path(RUNS, run_id).exists()}


def _train(graph: Graph, asked: Asked, prepared: Path) -> list[str]:
    """Train runs by their recipes and seeds; their ids, sorted."""
    found = [(*graph.identified(*one), *one) for one in asked]
    identified = list({one[0]: one for one in found}.values())  # a step may ask twice for a run
    ids = sorted(run_id for run_id, *_ in identified)
    bring_back(ids)
    progress = Progress(graph)
    if not progress.trained().issuperset(ids):
        from labbook.engines.choice import load
        from labbook.training.pack import Task, train_pack

        tasks = [
            Task(run_id, identity, recipe, seed, graph.engine(recipe), graph.selected(recipe))
            for run_id, identity, recipe, seed in identified
        ]
        makers = sorted({(graph.engine(recipe), recipe.model.kind) for recipe, _ in asked})
        progress.begin()
        train_pack(
            tasks,
            prepared,
            RUNS,
            CHECKPOINTS,
            graph.device,
            load,
            notify=progress.ended,
            progress=lambda run_id, epoch: progress.say(),
            code=graph.code_of_makers(makers),
        )
        progress.finish()
    return ids
