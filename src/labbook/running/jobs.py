"""How a job begins and ends, and what it does between: one call of a function for each kind."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from labbook.errors import LabbookError, OvertakenError
from labbook.files import guarded, read_json, write_json
from labbook.identity.code import forget_changed_code
from labbook.paths import RAW, RIVALS, RUNS
from labbook.plan.studies import StudyPlan
from labbook.provenance.checksums import UNKNOWN, remember, remembered, write_key
from labbook.provenance.dvc_records import way_to
from labbook.provenance.graph import Graph
from labbook.provenance.locks import turn
from labbook.provenance.made_from import keys_of, made_from
from labbook.provenance.nodes_of_rounds import reached
from labbook.provenance.nodes_of_tunings import TUNE, step_files
from labbook.provenance.ownership import replace_own_alone
from labbook.running.refusals import refuse_what_cannot_begin
from labbook.running.training_jobs import train
from labbook.running.tuning_jobs import tune, tuned

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


@contextmanager
def job(name: str, asked: str | None) -> Iterator[Graph]:
    """Around the work of a job: refuses what is no longer asked for; at the end writes the key.

    The key is that of the edition which is there at the end: the download decides it.
    """
    with turn(name), guarded(replace_own_alone):
        graph = Graph.load()
        refuse_what_cannot_begin(graph, name, asked)
        before, editions = graph.node(name), graph.editions()
        yield graph
        changed = forget_changed_code() or graph.editions() != editions
        after = Graph(graph.plan).node(name) if changed else graph.renewed(name)
        same_key = before.key == after.key or name.startswith("download/")
        if not same_key or before.asked != after.asked:
            raise OvertakenError(
                f"{name}: the code or the data have been changed while this job was at work. "
                "What it made is not used; run snakemake again."
            )
        write_key(after)


def download(graph: Graph, name: str, edition: Literal["real", "stand-in"] | None = None) -> None:
    """Fetch a data set: the edition asked for, or the one that is there, or the best to be had."""
    params, folder = graph.plan.params, RAW / name
    dataset = params.datasets[name]
    for path in dataset.own_files.values():
        if not Path(path).exists() and (way := way_to(path)):
            setting = f"datasets.{name}.{dataset.setting_of(path)}"
            raise LabbookError(f"{setting}: {path} is not here. {way}")
    from labbook.data.fetching.download import download as fetch

    pieces = (*dataset.downloads, *dataset.own_files)
    remember({folder / f"{file}.part": UNKNOWN for file in pieces})
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


def _rivals(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.data.prepared import read_prepared
    from labbook.rivals.fit import write_rivals

    seeds, *tuned = graph.plan.rival_seeds()[name]
    write_rivals(read_prepared(inputs[0]), seeds, outputs[0], *tuned)


def _look(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.evaluate.looks import write_look

    study_name, _, number = name.rpartition("/")
    study = graph.study(study_name)
    write_look(
        study, inputs[0], _selections(graph, study), RUNS, reached(study, int(number)),
        int(number), outputs[0],
    )  # fmt: skip


def _evaluate(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.evaluate.study import evaluate_study

    study = graph.study(name)
    dataset = graph.plan.params.datasets[study.dataset]
    rivals = RIVALS / f"{study.dataset}.safetensors" if study.rivals else None
    seeds = reached(study, len(study.looks))
    selections, folder = _selections(graph, study), outputs[0].parent
    evaluate_study(study, inputs[0], selections, RUNS, folder, dataset, rivals, seeds)


def _selections(graph: Graph, study: StudyPlan) -> dict[str, Path]:
    return {c.label: graph.selected(c.recipe) for c in study.combinations}


def _describe(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.data.describe import describe
    from labbook.data.prepared import read_prepared

    dataset, files = graph.plan.params.datasets[name], graph.edition(name).get("files", {})
    write_json(outputs[0], describe(name, dataset, read_prepared(inputs[0]), files))


def _claims(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.evaluate.all_claims import write_claims
    from labbook.evaluate.datasets_table import write_over_datasets

    folders = {verdicts.parent.name: verdicts.parent for verdicts in inputs}
    write_claims(list(folders.values()), outputs[0])
    write_over_datasets(graph.plan.questions, folders, outputs[1])


def _figures(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.report.figures.draw import draw_study

    draw_study(inputs[0].parent)


def _report(graph: Graph, name: str, inputs: Files, outputs: Files) -> None:
    from labbook.report.page.page import write_report

    claims, over_datasets, *rest = inputs
    folders = [path.parents[1] for path in rest if path.name == "index.json"]
    studies = [folder for folder in folders if folder.parent != TUNE]
    tunings = [folder.name for folder in folders if folder.parent == TUNE]
    described = [read_json(path) for path in rest if path.name == "description.json"]
    asked = graph.plan.params.report
    provenance = {"datasets": described, "keys": keys_of(graph), **made_from(graph)}
    write_report(
        asked.title, studies, outputs[0], outputs[1], claims, over_datasets, provenance,
        language=asked.language,
        tunings={name: step_files(graph.plan.tunings[name]) for name in tunings},
    )  # fmt: skip


JOBS: dict[str, Callable[[Graph, str, Files, Files], None]] = {
    "download": lambda graph, name, inputs, outputs: download(graph, name),
    "prepare": _prepare,
    "select": _select,
    "rivals": _rivals,
    "train": train,
    "look": _look,
    "evaluate": _evaluate,
    "describe": _describe,
    "tune": tune,
    "tuned": tuned,
    "claims": _claims,
    "figures": _figures,
    "report": _report,
}
