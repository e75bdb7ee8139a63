"""Jobs that train: the runs of a pack, or a slot's share of what a step of a tuning asks for."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from labbook.files import write_json
from labbook.params.studies import Recipe
from labbook.paths import CHECKPOINTS, RUNS
from labbook.provenance.attic import bring_back
from labbook.provenance.graph import Graph
from labbook.provenance.locks import turn
from labbook.running.progress import Progress
from labbook.running.tuning_jobs import share_of
from labbook.training.runfile import run_path

Asked = Sequence[tuple[Recipe, int]]  # recipes and seeds


def train(graph: Graph, name: str, inputs: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Train what is asked for and not there yet, and list it. Raises `LabbookError`."""
    if name in graph.plan.slots:
        asked = share_of(graph, graph.plan.slots[name])
        with _one_at_a_time(graph, asked):
            ids = _train(graph, name, asked, inputs[0])
    else:
        runs = graph.asked_of(graph.plan.packs[name]) or ()
        ids = _train(graph, name, [(run.recipe, run.seed) for run in runs], inputs[0])
    write_json(outputs[0], {"runs": ids})


@contextmanager
def _one_at_a_time(graph: Graph, asked: Asked) -> Iterator[None]:
    """While tunings that ask for the same runs may be at work: each is trained once.

    In one order, so that no two wait for each other.
    """
    ids = {graph.identified(*one)[0] for one in asked}
    with ExitStack() as stack:
        for run_id in sorted(run for run in ids if not run_path(RUNS, run).exists()):
            stack.enter_context(turn(f"run/{run_id}"))
        yield


def _train(graph: Graph, name: str, asked: Asked, prepared: Path) -> list[str]:
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
