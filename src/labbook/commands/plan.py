"""`labbook plan`: what there is to do."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence

from labbook.commands.print_table import print_table
from labbook.params.engines import left_to_torch
from labbook.paths import ATTIC
from labbook.plan.cost import data_shape
from labbook.plan.memory import process_bytes
from labbook.plan.tunings import SLOTS
from labbook.provenance.checksums import Sums
from labbook.provenance.graph import Foreseen, Graph
from labbook.provenance.locks import BESIDE, at_work
from labbook.provenance.node import Node
from labbook.provenance.ownership import in_the_way, in_the_way_text
from labbook.provenance.snakemake_times import shortfalls
from labbook.running.progress import Progress, human_time
from labbook.wording import count, sentence

CLASSES = 10  # taken where a data set's number of classes is not known yet: memory hardly differs

HELP = "Studies, combinations, runs to do and done, estimated cost."


def run(options: argparse.Namespace) -> None:
    """Print what there is to do, what is done and about what it costs."""
    graph, sums = Foreseen.load(), Sums()
    progress = Progress(graph)
    done = progress.trained() | progress.set_aside()
    _print_studies(graph, progress, done)
    left = sum(cost for run, cost in progress.cost.items() if run not in done)
    to_run = graph.to_run(sums)
    jobs = Counter(node.kind for node in to_run)
    print(f"\n{count(len(progress.cost), 'different run')}, {len(done)} done; a run that studies")
    print("share is trained once." + _controls(graph))
    print("To do, about:", human_time(left) if left else "nothing to train")
    print(*_to_come(graph, progress), sep="", end="")
    print("Jobs to run:", ", ".join(f"{k} {n}" for k, n in jobs.items()) or "none")
    lines = [*_idle_lines(graph, progress, to_run, done), *_engine_lines(graph)]
    if foreign := in_the_way(graph, sums).foreign:
        lines.append(in_the_way_text(foreign))
    print("\n".join([*lines, *([BESIDE] if at_work() else shortfalls(to_run, sums))]))


def _print_studies(graph: Graph, progress: Progress, done: set[str]) -> None:
    rows: list[tuple[object, ...]] = []
    for name in graph.plan.studies:
        study = graph.study(name)
        ids = set(study.runs.values()) & progress.cost.keys()
        cost = sum(progress.cost[run] for run in ids - done)
        first, last = study.looks[0].seeds, study.looks[-1].seeds
        seeds = str(last) if first == last else f"{first} to {last}"
        counts = (len(study.combinations), seeds, len(ids), len(ids & done))
        rows.append((name, study.dataset, *counts, human_time(cost) if cost else "-"))
    print_table(("study", "data set", "combinations", "seeds", "runs", "done", "one core"), rows)


def _to_come(graph: Graph, progress: Progress) -> Iterator[str]:
    """What at most is to come: of rounds where claims stay undecided, of steps that follow."""
    if progress.may_come:
        runs, seconds = len(progress.may_come), sum(progress.may_come.values())
        yield f"At most {count(runs, 'run')} more where claims stay undecided, about: "
        yield f"{human_time(seconds)}\n"
    if tunings := [name for name, steps in progress.steps_to_come.items() if steps]:
        from labbook.tuning.bound import at_most

        yield "And what the steps of tuning ask for, each by what those before it found, at most:\n"
        yield from (f"  {name}: {at_most(graph.plan.tunings[name])}\n" for name in tunings)


def _controls(graph: Graph) -> str:
    """How many of the runs are of controls alone."""
    of_combinations: set[str] = set()
    of_controls: set[str] = set()
    for study in graph.plan.studies.values():
        for (label, _), key in study.runs.items():
            (of_controls if label in study.controls.labels else of_combinations).add(key)
    alone = len(of_controls - of_combinations)
    return f" {sentence(count(alone, 'of them is', 'of them are'))} of controls." if alone else ""


def _idle_lines(
    graph: Graph, progress: Progress, to_run: Sequence[Node], done: set[str]
) -> list[str]:
    """Which of the jobs of training have nothing to train, and where their runs are."""
    packs = [node.name.partition("/")[2] for node in to_run if node.kind == "train"]
    runs = [progress.packs.get(pack) for pack in packs]
    idle = sum(set(ids) <= done for ids in runs if ids is not None)
    aside = len(progress.set_aside())
    lines = [f"{count(aside, 'run')} will come back from {ATTIC}."] if aside else []
    slots = sum(pack in graph.plan.slots for pack in packs)
    if slots:
        lines.append(
            f"Of the train jobs {slots} are of tunings: {SLOTS} share out what a step asks for."
        )
    if idle:
        lines.append(f"Of the train jobs {idle} only take stock: all their runs are there.")
    return lines


def _engine_lines(graph: Graph) -> list[str]:
    """Which engines train how many runs, why not the one asked for, and their memory.

    Memory is that of each engine's largest process; what is not prepared yet is guessed.
    """
    params = graph.plan.params
    recipes = [run.recipe for run in graph.plan.runs.values()]
    engines = Counter(map(graph.engine, recipes))
    largest: dict[str, int] = {}
    for recipe in {run.settings: run.recipe for run in graph.plan.runs.values()}.values():
        shape = data_shape(recipe.dataset, params.datasets[recipe.dataset])
        engine = graph.engine(recipe)
        size = process_bytes(recipe, shape, CLASSES, engine)
        largest[engine] = max(largest.get(engine, 0), size)
    return [
        "Engines: " + ", ".join(f"{name} {count(n, 'run')}" for name, n in engines.items()),
        *left_to_torch(params.engine, params.device, recipes),
        *(
            f"Memory of a training process with the engine {engine}, estimated: up to about "
            f"{size / 1e6:,.0f} MB" + (" on the GPU" if engine == "cuda" else "")
            for engine, size in largest.items()
        ),
    ]
