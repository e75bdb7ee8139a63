"""The nodes of the way of the data, and the keys that decide which of them are stale.

A node is what one job makes. It has two digests: `asked` says what was asked for and leaves open
which edition of the data there will be; `key` includes the edition, and is written beside the
node's output when it is made. Both follow from params.yaml, the text of the code and the versions
of the libraries. What follows from them for Snakemake is in provenance/snakemake_times.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from labbook.data.fetching.edition import read_edition
from labbook.errors import LabbookError
from labbook.files import read_json
from labbook.identity.code import digest
from labbook.params.engines import device_of, engine_of
from labbook.params.load import load_params
from labbook.params.studies import Recipe
from labbook.paths import RUNS
from labbook.plan.studies import Pack, Plan, StudyPlan, make_plan, selection_name
from labbook.provenance.ingredients import code_of, maker_of, sum_of_own
from labbook.training.runfile import run_path

TABLES = (
    "runs.csv",
    "combinations.csv",
    "comparisons.csv",
    "verdicts.csv",
    "curves.csv",
    "predictions.csv",
    "confusion.csv",
    "published.csv",
    "diagnosis.csv",
    "importance.csv",
)


@dataclass(frozen=True)
class Node:
    """What one job makes: `outputs`, and with them `extras` whose names only the content knows."""

    name: str
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
        return Path("results/log", f"{self.name}.tsv")


@dataclass
class Graph:
    """All nodes, upstream first."""

    plan: Plan
    nodes: dict[str, Node] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Self:
        """The graph of params.yaml as it and the data are now. Raises `LabbookError`."""
        return cls(make_plan(load_params()))

    def __post_init__(self) -> None:
        for node in self._all():
            self.nodes[node.name] = node

    @property
    def asked(self) -> dict[str, str]:
        """What Snakemake hands to each job, which refuses if it is no longer what is asked."""
        return {name: node.asked for name, node in self.nodes.items()}

    @cached_property
    def run_ids(self) -> dict[str, str]:
        """Run ids by key, for the editions of the data that are there now."""
        settings = {name: digest(shared) for name, shared in self._shared.items()}
        runs = self.plan.runs.items()
        return {key: digest(settings[run.settings], run.seed) for key, run in runs}

    @cached_property
    def identities(self) -> dict[str, dict[str, Any]]:
        """Everything that a run's result depends on, by key: what its file begins with."""
        runs = self.plan.runs.items()
        return {key: {**self._shared[run.settings], "seed": run.seed} for key, run in runs}

    @cached_property
    def _shared(self) -> dict[str, dict[str, Any]]:
        """The identities of runs apart from their seeds, by settings."""
        recipes = {run.settings: run.recipe for run in self.plan.runs.values()}
        data = {name: self._data(name) for name in self.datasets}
        return {
            settings: {
                "data": data[recipe.dataset],
                "recipe": recipe.model_dump(mode="json", exclude={"dataset"}),
                **self._maker(recipe),
            }
            for settings, recipe in recipes.items()
        }

    def engine(self, recipe: Recipe) -> str:
        """The engine that trains the runs of a recipe."""
        return engine_of(self.plan.params.engine, self.plan.params.device, recipe)

    @property
    def device(self) -> str:
        """The kind of device that runs train on: "cpu" or "cuda"."""
        return device_of(self.plan.params.engine, self.plan.params.device)

    def _maker(self, recipe: Recipe) -> dict[str, Any]:
        """The engine of a recipe's runs, its kind of device, its code and its libraries."""
        engine = self.engine(recipe)
        code, libraries = code_of(f"train/{engine}", recipe.model.kind)
        return {"engine": engine, "device": self.device, "code": code, "libraries": libraries}

    def study(self, name: str) -> StudyPlan:
        """A study's plan with run ids in place of keys."""
        study = self.plan.studies[name]
        return replace(study, runs={at: self.run_ids[key] for at, key in study.runs.items()})

    def edition(self, dataset: str) -> dict[str, Any]:
        """What the download of a data set wrote of it; empty before."""
        return read_edition(Path("data/raw", dataset)) or {}

    def editions(self) -> dict[str, dict[str, Any]]:
        """What the downloads wrote, by data set, as it is now."""
        return {name: self.edition(name) for name in self.datasets}

    def pack_inputs(self, pack: str) -> list[str]:
        """The files that a pack's training reads."""
        return [_prepared(self.plan.packs[pack].dataset), *self._selected(self.plan.packs[pack])]

    def study_inputs(self, study: str) -> list[str]:
        """The files that a study's evaluation reads, apart from the run files."""
        packs = self.plan.packs_of(study)
        selected = {path for pack in packs for path in self._selected(self.plan.packs[pack])}
        prepared = _prepared(self.plan.studies[study].dataset)
        return [prepared, *sorted(selected), *(f"results/packs/{pack}.json" for pack in packs)]

    @staticmethod
    def selected(recipe: Recipe) -> str:
        """The file that says which columns a run of this recipe sees."""
        return f"data/selected/{recipe.dataset}/{selection_name(recipe.features)}.json"

    def _selected(self, pack: Pack) -> list[str]:
        return sorted({self.selected(run.recipe) for run in pack.runs})

    def renewed(self, name: str) -> Node:
        """A node as it is after its job, which decides its edition or which files there are."""
        kind, _, rest = name.partition("/")
        made = {"download": self._download, "evaluate": self._evaluate, "figures": self._figures}
        return made[kind](rest) if kind in made else self.nodes[name]

    # The nodes, upstream first.

    def _all(self) -> Iterator[Node]:
        for dataset in self.datasets:
            yield self._download(dataset)
            yield self._prepare(dataset)
        for (dataset, selection), features in self.plan.selections().items():
            seeds = self.plan.seeds_of(dataset, selection)
            own = [features.identity(), seeds, *code_of("select")]
            outputs = _with_key(f"data/selected/{dataset}/{selection}", ".json")
            yield self._node(f"select/{dataset}/{selection}", outputs, own, [f"prepare/{dataset}"])
        for pack in self.plan.packs.values():
            yield self._train(pack)
        for study in self.plan.studies:
            yield self._evaluate(study)
            yield self._figures(study)
        yield self._claims()
        figures = [f"figures/{study}" for study in self.plan.studies]
        names = ("report.html", "metrics.json", "plots.csv", "report.key")
        outputs = tuple(Path("results", name) for name in names)
        own = [self.plan.params.report.identity(), list(self.plan.studies), *code_of("report")]
        yield self._node("report", outputs, own, [*figures, "claims"])

    @property
    def datasets(self) -> list[str]:
        """The data sets that a study asks for."""
        return sorted({study.dataset for study in self.plan.studies.values()})

    def _download(self, name: str) -> Node:
        dataset, edition = self.plan.params.datasets[name], self.edition(name)
        folder = Path("data/raw", name)
        standing_in = edition.get("edition") == "stand-in"
        refused = standing_in and self.plan.params.stand_ins == "forbid"
        # A table's path counts here, not in what follows from its content: a mistyped one is seen.
        own = [dataset.source(), getattr(dataset, "path", None), sum_of_own(dataset, edition)]
        # edition.json is no output: Snakemake would remove it before the job, which must know
        # the edition that was chosen.
        extras = (folder / "edition.json", *(folder / file for file in edition.get("files", {})))
        return Node(
            name=f"download/{name}",
            outputs=(folder / "key",),
            asked=digest(own),
            key=digest(own, edition, maker_of(dataset, standing_in), refused),
            extras=extras,
        )

    def _data(self, name: str) -> dict[str, Any]:
        """What the numbers of a data set follow from: settings, edition and sums of its files."""
        edition = self.edition(name)
        sums = {file: known["sha256"] for file, known in edition.get("files", {}).items()}
        settings = self.plan.params.datasets[name].identity()
        return {"settings": settings, "edition": edition.get("edition"), "files": sums}

    def _prepare(self, name: str) -> Node:
        own = [self.plan.seeds_of(name), *code_of("prepare")]
        above = self.nodes[f"download/{name}"].asked
        asked = digest(own, self.plan.params.datasets[name].identity(), above)
        outputs = _with_key(f"data/prepared/{name}", ".safetensors")
        key = digest(own, self._data(name))
        return Node(f"prepare/{name}", outputs, asked, key, (f"download/{name}",))

    def _train(self, pack: Pack) -> Node:
        ids = sorted(self.run_ids[run.key] for run in pack.runs)
        settings = self.plan.params.datasets[pack.dataset].identity()
        keys = [run.key for run in pack.runs]
        recipes = {run.settings: run.recipe for run in pack.runs}.values()
        asked = digest(keys, settings, [self._maker(recipe) for recipe in recipes])
        upstream = [f"prepare/{pack.dataset}"]
        upstream += [f"select/{pack.dataset}/{name}" for name in pack.selections]
        extras = tuple(run_path(RUNS, run_id) for run_id in ids)
        outputs = _with_key(f"results/packs/{pack.name}", ".json")
        return Node(f"train/{pack.name}", outputs, asked, digest(ids), tuple(upstream), extras)

    def _evaluate(self, name: str) -> Node:
        study, folder = self.plan.studies[name], Path("results", name)
        packs = [f"train/{pack}" for pack in self.plan.packs_of(name)]
        own = [study.resolved, *code_of("evaluate")]
        places = sorted([*place, key] for place, key in study.runs.items())
        ids = sorted([*place, self.run_ids[key]] for place, key in study.runs.items())
        champion = folder / "champion/champion.json"
        sums = _told(champion, dict).get("sums")
        files = sums if isinstance(sums, dict) else {}
        return Node(
            name=f"evaluate/{name}",
            outputs=tuple(folder / n for n in ("study.json", *TABLES, "study.key")),
            asked=digest(own, places, [self.nodes[pack].asked for pack in packs]),
            key=digest(own, ids, self.edition(study.dataset)),
            upstream=tuple(packs),
            extras=(champion, *map(champion.with_name, files)),
        )

    def _figures(self, name: str) -> Node:
        folder = Path("results", name, "figures")
        index = [entry for entry in _told(folder / "index.json", list) if isinstance(entry, dict)]
        names = (entry.get(kind) for entry in index for kind in ("svg", "png"))
        extras = tuple(folder / name for name in names if isinstance(name, str))
        outputs = (folder / "index.json", folder / "figures.key")
        own = code_of("figures")
        return self._node(f"figures/{name}", outputs, own, [f"evaluate/{name}"], extras)

    def _claims(self) -> Node:
        own = [list(self.plan.studies), *code_of("claims")]
        studies = [f"evaluate/{study}" for study in self.plan.studies]
        return self._node("claims", _with_key("results/claims", ".csv"), own, studies)

    def _node(
        self,
        name: str,
        outputs: tuple[Path, ...],
        own: Any,
        upstream: Iterable[str],
        extras: tuple[Path, ...] = (),
    ) -> Node:
        """A node whose digests follow from its own settings and those of what it is made from."""
        above = [self.nodes[up] for up in upstream]
        asked = digest(own, [node.asked for node in above])
        key = digest(own, [node.key for node in above])
        return Node(name, outputs, asked, key, tuple(upstream), extras)


def _told(path: Path, kind: type) -> Any:
    """What a file of labbook's tells of others; nothing if it is not there, or is a user's own."""
    try:
        told = read_json(path) if path.exists() else None
    except LabbookError:
        told = None
    return told if isinstance(told, kind) else kind()


def _prepared(dataset: str) -> str:
    return f"data/prepared/{dataset}.safetensors"


def _with_key(stem: str, suffix: str) -> tuple[Path, ...]:
    return Path(stem + suffix), Path(stem + ".key")
