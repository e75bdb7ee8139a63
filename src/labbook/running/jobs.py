"""What each rule does: unpack the plan into one call of a function that knows nothing of it."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from labbook.errors import LabbookError
from labbook.files import write_json
from labbook.paths import RAW, RUNS
from labbook.provenance.attic import CHECKPOINTS, bring_back
from labbook.provenance.dvc_records import way_to
from labbook.provenance.graph import Graph
from labbook.provenance.made import UNKNOWN, remember, remembered
from labbook.provenance.snakemake_times import job
from labbook.running.progress import Progress

Files = Sequence[Path]


def run_job(
    name: str, asked: str | None, inputs: Sequence[Path] = (), outputs: Sequence[Path] = ()
) -> None:
    """Do the job of the node `name`, such as train/covid-width-000, and record its key.

    It reads `inputs` and writes `outputs`, by default the node's. Raises `LabbookError` if `asked`
    is not (any more) what params.yaml and the code ask for.
    """
    kind, _, rest = name.partition("/")
    if kind not in JOBS:
        raise LabbookError(f"{name}: no such job; allowed: {', '.join(JOBS)}.")
    with job(name, asked) as graph:
        node = graph.node(name)
        JOBS[kind](graph, rest, inputs or node.inputs, outputs or node.outputs)


def download(graph: Graph, name: str, edition: Literal["real", "stand-in"] | None = None) -> None:
    """Fetch a data set: the edition asked for, or the one that is there, or the best to be had."""
    _refuse_absent(graph, name)
    from labbook.data.fetching.download import download as fetch

    params, folder = graph.plan.params, RAW / name
    dataset = params.datasets[name]
    remember({folder / f"{file}.part": UNKNOWN for file in dataset.downloads})
    fetch(
        name,
        dataset,
        folder,
        mirror=os.environ.get("LABBOOK_MIRROR"),
        stand_ins=params.stand_ins == "allow",
        edition=edition,
        earlier={path.name: sums for path, sums in remembered().items() if path.parent == folder},
        announce=lambda sums: remember({folder / n: total for n, total in sums.items()}),
    )


def _refuse_absent(graph: Graph, name: str) -> None:
    """Raise `LabbookError` for a user's own table that is not here and that DVC or git may have."""
    path = graph.plan.params.datasets[name].own_path
    if path is not None and not Path(path).is_file() and (way := way_to(path)):
        raise LabbookError(f"datasets.{name}.path: {path} is not here. {way}")


def _prepare(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.data.prepare import prepare

    dataset, seeds = graph.plan.params.datasets[name], graph.plan.seeds_of(name)
    for remark in prepare(dataset, inputs[0].parent, seeds, outputs[0]):
        print(f"prepare/{name}: {remark}", file=sys.stderr)


def _select(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.data.prepared import read_prepared
    from labbook.data.select import select

    dataset, selection = name.split("/")
    features = graph.plan.selections()[dataset, selection]
    seeds = graph.plan.seeds_of(dataset, selection)
    select(read_prepared(inputs[0]), features, seeds, outputs[0])


def _train(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    pack = graph.plan.packs[name]
    ids = {run.key: graph.run_ids[run.key] for run in pack.runs}
    bring_back(ids.values())
    progress = Progress(graph)
    if progress.missing(ids.values()):
        from labbook.engines.choice import load
        from labbook.training.pack import Task, train_pack

        tasks = [
            Task(
                id=ids[run.key],
                identity=graph.identities[run.key],
                recipe=run.recipe,
                seed=run.seed,
                engine=graph.engine(run.recipe),
                selection=graph.selected(run.recipe),
            )
            for run in pack.runs
        ]
        progress.begin()
        train_pack(
            tasks,
            inputs[0],
            RUNS,
            CHECKPOINTS,
            graph.device,
            load,
            notify=progress.ended,
            progress=lambda run_id, epoch: progress.say(),
            code=graph.code_of_pack(name),
        )
        progress.finish()
    write_json(outputs[0], {"runs": sorted(ids.values())})


def _evaluate(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.evaluate.study import evaluate_study

    study = graph.study(name)
    selections = {c.label: graph.selected(c.recipe) for c in study.combinations}
    evaluate_study(study, inputs[0], selections, RUNS, outputs[0].parent)


def _claims(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.evaluate.all_claims import write_claims

    write_claims([verdicts.parent for verdicts in inputs], outputs[0])


def _figures(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.report.figures.study import draw_study

    draw_study(inputs[0].parent)


def _report(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.report.page.page import write_report

    studies = [index.parents[1] for index in inputs[1:]]  # the first are all claims
    write_report(graph.plan.params.report.title, studies, outputs[0], outputs[1])


JOBS: dict[str, Callable[[Graph, str, Files, Files], None]] = {
    "download": lambda graph, name, inputs, outputs: download(graph, name),
    "prepare": _prepare,
    "select": _select,
    "train": _train,
    "evaluate": _evaluate,
    "claims": _claims,
    "figures": _figures,
    "report": _report,
}
