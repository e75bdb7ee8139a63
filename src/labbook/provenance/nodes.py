"""What each kind of job writes, what it is made from, and what its key follows from.

A node (node.py) has two digests: `asked` says what was asked for and leaves open which edition of
the data there will be; `key` includes the edition, and is written beside the node's output when it
is made.

| kind | is made from | its key follows from |
|---|---|---|
| download | nothing | settings of the origin, the edition that is there, what made it |
| prepare | its download | settings and sums of the data, seeds, code |
| select | its data set's prepare | the key above, settings of the features, seeds, code |
| rivals | its data set's prepare | the key above, seeds, code |
| train | prepare and selects of its pack | the ids of its runs, the keys of what asks for them |
| look | the trains of its study's rounds so far | what decides its claims, run ids, edition, code |
| evaluate | the trains and looks of its study, rivals | the study as resolved, the same, code |
| figures | its evaluate | the key above, code |
| describe | its data set's prepare | the key above, code |
| tune | the steps before it and their trains | the keys above, the tuning as resolved, code |
| tuned | all steps of its tuning | the keys above, code |
| claims | all evaluates | the keys above, the questions asked of several data sets, code |
| report | all figures, describes and steps, claims | the keys above, settings of the report, code |

A train of a later round, and one of a tuning, trains what a look or a step asks for, which nobody
knows beforehand; yet that follows from the results before it alone, and so its key does.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from labbook.data.own_files import own_sum
from labbook.identity.code import digest
from labbook.params.datasets import Dataset
from labbook.paths import EDITION, PACKS, PREPARED, RAW, RESULTS, RIVALS, RUNS, SELECTED
from labbook.provenance.job_code import code_of, maker_of
from labbook.provenance.made_from import made_from
from labbook.provenance.node import (
    Node,
    figure_files,
    node_from,
    pack_list,
    prepared,
    read,
    selected,
    with_key,
)
from labbook.provenance.nodes_of_rounds import look, looks_of
from labbook.provenance.nodes_of_tunings import drawn, slot, step, tuned
from labbook.training.runfile import run_path

if TYPE_CHECKING:
    from labbook.provenance.graph import Graph

__all__ = ["DESCRIBED", "KINDS", "TABLES", "Node", "sums_of_own_files"]

DESCRIBED = RESULTS / "data"  # what each data set looks like, a folder per data set
TABLES = tuple(
    f"{name}.csv"
    for name in ("runs", "combinations", "comparisons", "verdicts", "curves", "predictions",
                 "confusion", "published", "diagnosis", "importance", "rivals", "measures",
                 "classes", "rates", "permutation", "dependence", "best_set", "expected_best",
                 "greedy_ensemble", "chance", "controls", "marginals", "mistaken", "run_curves",
                 "stops", "fits", "pairs")
)  # fmt: skip


def _download(graph: "Graph", name: str) -> Node:
    params, edition = graph.plan.params, graph.edition(name)
    dataset, folder = params.datasets[name], RAW / name
    standing_in = edition.get("edition") == "stand-in"
    refused = standing_in and params.stand_ins == "forbid"
    # A table's path counts here, not in what follows from its content: a mistyped one is seen.
    own_sums = sums_of_own_files(dataset)
    for copy, file in edition.get("files", {}).items():
        if copy in own_sums:  # what was read of one that is gone is still there
            own_sums[copy] = own_sums[copy] or file["sha256"]
    own = [dataset.source(), dict(dataset.own_files), own_sums]
    # The edition's file is no output: Snakemake would remove it before the job, which must know
    # the edition that was chosen.
    extras = (folder / EDITION, *(folder / file for file in edition.get("files", {})))
    key = digest(own, edition, maker_of(dataset, standing_in), refused)
    return Node(f"download/{name}", (), (folder / "key",), digest(own), key, (), extras)


def sums_of_own_files(dataset: Dataset) -> dict[str, str | None]:
    """The SHA-256 of the user's own files as they are now, by their copies' names; None of one
    that is gone.
    """
    return {copy: own_sum(Path(path)) for copy, path in dataset.own_files.items()}


def _prepare(graph: "Graph", name: str) -> Node:
    upstream = f"download/{name}"
    own = [graph.plan.seeds_of(name), *code_of("prepare")]
    settings = graph.plan.params.datasets[name].identity()
    asked = digest(own, settings, graph.node(upstream).asked)
    outputs = with_key(f"{PREPARED}/{name}", ".safetensors")
    key = digest(own, graph.data(name))
    return Node(f"prepare/{name}", (RAW / name / "key",), outputs, asked, key, (upstream,))


def _select(graph: "Graph", name: str) -> Node:
    dataset, selection = name.split("/")
    features = graph.plan.selections()[dataset, selection]
    own = [features.identity(), graph.plan.seeds_of(dataset, selection), *code_of("select")]
    outputs = with_key(f"{SELECTED}/{name}", ".json")
    inputs = (prepared(dataset),)
    return node_from(graph, f"select/{name}", inputs, outputs, own, (f"prepare/{dataset}",))


def _rivals(graph: "Graph", name: str) -> Node:
    own = [*graph.plan.rival_seeds()[name], *code_of("rivals")]
    outputs = with_key(f"{RIVALS}/{name}", ".safetensors")
    return node_from(graph, f"rivals/{name}", (prepared(name),), outputs, own, (f"prepare/{name}",))


def _train(graph: "Graph", name: str) -> Node:
    if name in graph.plan.slots:
        return slot(graph, graph.plan.slots[name])
    pack = graph.plan.packs[name]
    ids = sorted(graph.run_ids[run.key] for run in pack.runs)
    makers = sorted({(graph.engine(run.recipe), run.recipe.model.kind) for run in pack.runs})
    settings = graph.plan.params.datasets[pack.dataset].identity()
    keys = [run.key for run in pack.runs]
    outputs = with_key(f"{PACKS}/{name}", ".json")
    looks = [graph.node(f"look/{study}/{number}") for study, number in pack.after]
    trained = read(outputs[0], dict).get("runs", ()) if looks else ids
    return Node(
        name=f"train/{name}",
        inputs=(
            prepared(pack.dataset),
            *selected(pack.dataset, pack.selections),
            *(one.outputs[0] for one in looks),
        ),
        outputs=outputs,
        asked=digest(
            keys, settings, [graph.maker(*maker) for maker in makers],
            *([one.asked for one in looks],) * bool(looks),
        ),
        key=digest(ids, *([one.key for one in looks],) * bool(looks)),
        upstream=(
            f"prepare/{pack.dataset}",
            *(f"select/{pack.dataset}/{selection}" for selection in pack.selections),
            *(one.name for one in looks),
        ),
        extras=tuple(run_path(RUNS, run_id) for run_id in trained),
    )  # fmt: skip


def _evaluate(graph: "Graph", name: str) -> Node:
    study, folder = graph.plan.studies[name], RESULTS / name
    packs = graph.plan.packs_of(name)
    chosen = {
        path
        for pack in packs
        for path in selected(study.dataset, graph.plan.packs[pack].selections)
    }
    trained = tuple(f"train/{pack}" for pack in packs)
    further = (*looks_of(study), *((f"rivals/{study.dataset}",) if study.rivals else ()))
    above = [graph.node(name) for name in further]
    own = [study.resolved, *code_of("evaluate")]
    places = sorted([*place, key] for place, key in study.runs.items())
    ids = sorted([*place, graph.run_ids[key]] for place, key in study.runs.items())
    champion = folder / "champion/champion.json"
    files = read(champion, dict).get("sums")
    return Node(
        name=f"evaluate/{name}",
        inputs=(
            prepared(study.dataset),
            *sorted(chosen),
            *map(pack_list, packs),
            *(node.outputs[0] for node in above),
        ),
        outputs=tuple(folder / file for file in ("study.json", *TABLES, "study.key")),
        asked=digest(own, places, [graph.node(name).asked for name in (*trained, *further)]),
        key=digest(own, ids, graph.edition(study.dataset), [node.key for node in above]),
        upstream=(*trained, *further),
        extras=(champion, *map(champion.with_name, files if isinstance(files, dict) else ())),
    )


def _figures(graph: "Graph", name: str) -> Node:
    folder = RESULTS / name / "figures"
    outputs = (folder / "index.json", folder / "figures.key")
    extras = figure_files(outputs[0])
    own = code_of("figures")
    inputs = (RESULTS / name / "study.json",)
    return node_from(graph, f"figures/{name}", inputs, outputs, own, (f"evaluate/{name}",), extras)


def _describe(graph: "Graph", name: str) -> Node:
    outputs = with_key(f"{DESCRIBED}/{name}/description", ".json")
    inputs, own = (prepared(name),), code_of("describe")
    return node_from(graph, f"describe/{name}", inputs, outputs, own, (f"prepare/{name}",))


def _claims(graph: "Graph", _: str) -> Node:
    studies = list(graph.plan.studies)
    upstream = tuple(f"evaluate/{study}" for study in studies)
    asked = [[question.name, dict(question.studies)] for question in graph.plan.questions]
    own = [studies, asked, *code_of("claims")]
    inputs = tuple(RESULTS / study / "verdicts.csv" for study in studies)
    outputs = tuple(RESULTS / file for file in ("claims.csv", "datasets.csv", "claims.key"))
    return node_from(graph, "claims", inputs, outputs, own, upstream)


def _report(graph: "Graph", _: str) -> Node:
    studies = list(graph.plan.studies)
    files = ("report.html", "metrics.json", "plots.csv", "report.key")
    described = [f"describe/{name}" for name in graph.datasets]
    tunings = list(graph.plan.tunings.values())
    pages = [f"tuned/{one.name}" for one in tunings]
    upstream = (*(f"figures/{study}" for study in studies), *described, "claims", *pages)
    own = [graph.plan.params.report.identity(), studies, made_from(graph), *code_of("report")]
    indexes = (RESULTS / study / "figures/index.json" for study in studies)
    outputs = tuple(RESULTS / file for file in files)
    tables = (RESULTS / "claims.csv", RESULTS / "datasets.csv")
    descriptions = (graph.node(name).outputs[0] for name in described)
    inputs = (*tables, *indexes, *descriptions, *map(drawn, tunings))
    return node_from(graph, "report", inputs, outputs, own, upstream)


KINDS: Mapping[str, Callable[["Graph", str], Node]] = {
    "download": _download,
    "prepare": _prepare,
    "select": _select,
    "rivals": _rivals,
    "train": _train,
    "look": look,
    "evaluate": _evaluate,
    "figures": _figures,
    "describe": _describe,
    "tune": step,
    "tuned": tuned,
    "claims": _claims,
    "report": _report,
}
