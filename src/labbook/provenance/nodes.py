"""What each kind of job writes, what it is made from, and the key that says whether it is stale.

A node is what one job makes. It has two digests: `asked` says what was asked for and leaves open
which edition of the data there will be; `key` includes the edition, and is written beside the
node's output when it is made.

| kind | is made from | its key follows from |
|---|---|---|
| download | nothing | settings of the origin, the edition that is there, what made it |
| prepare | its download | settings and sums of the data, seeds, code |
| select | its data set's prepare | the key above, settings of the features, seeds, code |
| rivals | its data set's prepare | the key above, seeds, code |
| train | prepare and selects of its pack | the ids of its runs |
| evaluate | the trains of its study, rivals | the study as resolved, run ids, edition, code |
| figures | its evaluate | the key above, code |
| describe | its data set's prepare | the key above, code |
| claims | all evaluates | the keys above, the questions asked of several data sets, code |
| report | all figures and describes, claims | the keys above, settings of the report, code |
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.data.own_files import own_sum
from labbook.errors import LabbookError
from labbook.files import read_json
from labbook.identity.code import digest
from labbook.params.datasets import Dataset
from labbook.paths import EDITION, PACKS, PREPARED, RAW, RESULTS, RIVALS, RUNS, SELECTED
from labbook.plan.packs import Pack
from labbook.provenance.job_code import code_of, maker_of
from labbook.provenance.made_from import made_from
from labbook.training.runfile import run_path

if TYPE_CHECKING:
    from labbook.provenance.graph import Graph

DESCRIBED = RESULTS / "data"  # what each data set looks like, a folder per data set
TABLES = tuple(
    f"{name}.csv"
    for name in ("runs", "combinations", "comparisons", "verdicts", "curves", "predictions",
                 "confusion", "published", "diagnosis", "importance", "rivals", "measures",
                 "classes", "rates", "permutation", "dependence", "best_set", "expected_best",
                 "greedy_ensemble", "chance", "controls", "marginals", "mistaken", "run_curves",
                 "stops", "fits", "pairs")
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """What one job makes of `inputs`: `outputs`, and `extras`, whose names only contents know."""

    name: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    asked: str
    key: str
    upstream: tuple[str, ...] = ()
    extras: tuple[Path, ...] = ()

    @property
    def kind(self) -> str:
        """Which kind of job makes it: train, evaluate, report, ..."""
        return self.name.partition("/")[0]

    @property
    def key_file(self) -> Path:
        """Where the key is written that the outputs were made for; it travels with them."""
        return self.outputs[-1]

    @property
    def marker(self) -> Path:
        """The file whose time tells Snakemake whether the node is stale."""
        return Path(".labbook/keys", self.name)

    @property
    def benchmark(self) -> Path:
        """Where Snakemake writes what the job cost; absent where others made the outputs."""
        return RESULTS / "log" / f"{self.name}.tsv"


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
    outputs = _with_key(f"{PREPARED}/{name}", ".safetensors")
    key = digest(own, graph.data(name))
    return Node(f"prepare/{name}", (RAW / name / "key",), outputs, asked, key, (upstream,))


def _select(graph: "Graph", name: str) -> Node:
    dataset, selection = name.split("/")
    features = graph.plan.selections()[dataset, selection]
    own = [features.identity(), graph.plan.seeds_of(dataset, selection), *code_of("select")]
    outputs = _with_key(f"{SELECTED}/{name}", ".json")
    inputs = (_prepared(dataset),)
    return _follows(graph, f"select/{name}", inputs, outputs, own, (f"prepare/{dataset}",))


def _rivals(graph: "Graph", name: str) -> Node:
    own = [*graph.plan.rival_seeds()[name], *code_of("rivals")]
    outputs = _with_key(f"{RIVALS}/{name}", ".safetensors")
    return _follows(graph, f"rivals/{name}", (_prepared(name),), outputs, own, (f"prepare/{name}",))


def _train(graph: "Graph", name: str) -> Node:
    pack = graph.plan.packs[name]
    ids = sorted(graph.run_ids[run.key] for run in pack.runs)
    makers = sorted({(graph.engine(run.recipe), run.recipe.model.kind) for run in pack.runs})
    settings = graph.plan.params.datasets[pack.dataset].identity()
    keys = [run.key for run in pack.runs]
    return Node(
        name=f"train/{name}",
        inputs=(_prepared(pack.dataset), *_selected(pack)),
        outputs=_with_key(f"{PACKS}/{name}", ".json"),
        asked=digest(keys, settings, [graph.maker(*maker) for maker in makers]),
        key=digest(ids),
        upstream=(
            f"prepare/{pack.dataset}",
            *(f"select/{pack.dataset}/{selection}" for selection in pack.selections),
        ),
        extras=tuple(run_path(RUNS, run_id) for run_id in ids),
    )


def _evaluate(graph: "Graph", name: str) -> Node:
    study, folder = graph.plan.studies[name], RESULTS / name
    packs = graph.plan.packs_of(name)
    selected = {path for pack in packs for path in _selected(graph.plan.packs[pack])}
    lists = (PACKS / f"{pack}.json" for pack in packs)
    upstream = tuple(f"train/{pack}" for pack in packs)
    rivals = (f"rivals/{study.dataset}",) if study.rivals else ()
    above = [graph.node(name) for name in rivals]
    own = [study.resolved, *code_of("evaluate")]
    places = sorted([*place, key] for place, key in study.runs.items())
    ids = sorted([*place, graph.run_ids[key]] for place, key in study.runs.items())
    champion = folder / "champion/champion.json"
    files = _read(champion, dict).get("sums")
    return Node(
        name=f"evaluate/{name}",
        inputs=(
            _prepared(study.dataset),
            *sorted(selected),
            *lists,
            *(node.outputs[0] for node in above),
        ),
        outputs=tuple(folder / file for file in ("study.json", *TABLES, "study.key")),
        asked=digest(own, places, [graph.node(name).asked for name in (*upstream, *rivals)]),
        key=digest(own, ids, graph.edition(study.dataset), [node.key for node in above]),
        upstream=(*upstream, *rivals),
        extras=(champion, *map(champion.with_name, files if isinstance(files, dict) else ())),
    )


def _figures(graph: "Graph", name: str) -> Node:
    folder = RESULTS / name / "figures"
    index = [entry for entry in _read(folder / "index.json", list) if isinstance(entry, dict)]
    files = (entry.get(kind) for entry in index for kind in ("svg", "png", "json"))
    extras = tuple(folder / file for file in files if isinstance(file, str))
    outputs = (folder / "index.json", folder / "figures.key")
    own = code_of("figures")
    inputs = (RESULTS / name / "study.json",)
    return _follows(graph, f"figures/{name}", inputs, outputs, own, (f"evaluate/{name}",), extras)


def _describe(graph: "Graph", name: str) -> Node:
    outputs = _with_key(f"{DESCRIBED}/{name}/description", ".json")
    inputs, own = (_prepared(name),), code_of("describe")
    return _follows(graph, f"describe/{name}", inputs, outputs, own, (f"prepare/{name}",))


def _claims(graph: "Graph", _: str) -> Node:
    studies = list(graph.plan.studies)
    upstream = tuple(f"evaluate/{study}" for study in studies)
    asked = [[question.name, dict(question.studies)] for question in graph.plan.questions]
    own = [studies, asked, *code_of("claims")]
    inputs = tuple(RESULTS / study / "verdicts.csv" for study in studies)
    outputs = tuple(RESULTS / file for file in ("claims.csv", "datasets.csv", "claims.key"))
    return _follows(graph, "claims", inputs, outputs, own, upstream)


def _report(graph: "Graph", _: str) -> Node:
    studies = list(graph.plan.studies)
    files = ("report.html", "metrics.json", "plots.csv", "report.key")
    described = [f"describe/{name}" for name in graph.datasets]
    upstream = (*(f"figures/{study}" for study in studies), *described, "claims")
    own = [graph.plan.params.report.identity(), studies, made_from(graph), *code_of("report")]
    indexes = (RESULTS / study / "figures/index.json" for study in studies)
    outputs = tuple(RESULTS / file for file in files)
    tables = (RESULTS / "claims.csv", RESULTS / "datasets.csv")
    descriptions = (graph.node(name).outputs[0] for name in described)
    inputs = (*tables, *indexes, *descriptions)
    return _follows(graph, "report", inputs, outputs, own, upstream)


KINDS: Mapping[str, Callable[["Graph", str], Node]] = {
    "download": _download,
    "prepare": _prepare,
    "select": _select,
    "rivals": _rivals,
    "train": _train,
    "evaluate": _evaluate,
    "figures": _figures,
    "describe": _describe,
    "claims": _claims,
    "report": _report,
}


def _follows(
    graph: "Graph",
    name: str,
    inputs: tuple[Path, ...],
    outputs: tuple[Path, ...],
    own: Any,
    upstream: tuple[str, ...],
    extras: tuple[Path, ...] = (),
) -> Node:
    """A node whose digests follow from its own settings and those of what it is made from."""
    above = [graph.node(name) for name in upstream]
    asked = digest(own, [node.asked for node in above])
    key = digest(own, [node.key for node in above])
    return Node(name, inputs, outputs, asked, key, upstream, extras)


def _read(path: Path, kind: type) -> Any:
    """A JSON file that lists others; empty where it is not there, or is a user's own."""
    try:
        content = read_json(path) if path.exists() else None
    except LabbookError:
        content = None
    return content if isinstance(content, kind) else kind()


def _prepared(dataset: str) -> Path:
    return PREPARED / f"{dataset}.safetensors"


def _selected(pack: Pack) -> list[Path]:
    return [SELECTED / pack.dataset / f"{selection}.json" for selection in pack.selections]


def _with_key(stem: str, suffix: str) -> tuple[Path, ...]:
    return Path(stem + suffix), Path(stem + ".key")
