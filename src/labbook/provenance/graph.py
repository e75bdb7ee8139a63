"""All nodes of params.yaml: which jobs there are, the runs' ids, and what Snakemake would make.

Jobs, keys and ids follow from params.yaml, the code, the versions of the libraries and the edition
of the data. What a node is: provenance/nodes.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from labbook.data.fetching.raw_folder import read_edition
from labbook.identity.code import digest
from labbook.params.engines import device_of, engine_of
from labbook.params.load import load_params
from labbook.params.studies import Recipe
from labbook.paths import RAW, SELECTED
from labbook.plan.packs import Pack, RunPlan, selection_name
from labbook.plan.plan import Plan, make_plan
from labbook.plan.studies import StudyPlan
from labbook.provenance.checksums import Sums, is_fresh
from labbook.provenance.job_code import code_of, code_of_runs, libraries_of
from labbook.provenance.node import Node
from labbook.provenance.nodes import KINDS, sums_of_own_files
from labbook.provenance.nodes_of_rounds import in_order_of_rounds, runs_asked_of
from labbook.provenance.nodes_of_tunings import asked_by, names_of


class Graph:
    """All nodes, upstream first. Each is made when it is asked for: a job needs few of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        asked = {study.dataset for study in plan.studies.values()}
        self.datasets = sorted(asked | {tuning.dataset for tuning in plan.tunings.values()})
        self.names = tuple(self._names())
        self._nodes: dict[str, Node] = {}
        self._makers: dict[tuple[str, str], dict[str, Any]] = {}

    def _names(self) -> Iterator[str]:
        plan = self.plan
        yield from (f"{kind}/{name}" for name in self.datasets for kind in ("download", "prepare"))
        yield from (f"select/{dataset}/{selection}" for dataset, selection in plan.selections())
        yield from (f"rivals/{dataset}" for dataset in plan.rival_seeds())
        yield from (f"train/{name}" for name, pack in plan.packs.items() if not pack.after)
        yield from in_order_of_rounds(plan)
        yield from (f"{kind}/{study}" for study in plan.studies for kind in ("evaluate", "figures"))
        yield from (f"describe/{name}" for name in self.datasets)
        for tuning in plan.tunings.values():
            yield from names_of(tuning, plan.slots.values())
        yield from ("claims", "report")

    @classmethod
    def load(cls) -> Self:
        """The graph of params.yaml as it and the data are now. Raises `LabbookError`."""
        return cls(make_plan(load_params()))

    def node(self, name: str) -> Node:
        """A node, and so all that it is made from, as it was when it was first asked for."""
        if name not in self._nodes:
            self._nodes[name] = self.renewed(name)
        return self._nodes[name]

    def renewed(self, name: str) -> Node:
        """A node as it is now: its job decides the edition, or which files there are."""
        kind, _, rest = name.partition("/")
        return KINDS[kind](self, rest)

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """All nodes by name, upstream first."""
        return {name: self.node(name) for name in self.names}

    @property
    def asked(self) -> dict[str, str]:
        """What Snakemake hands to each job, which refuses if it is no longer what is asked."""
        return {name: node.asked for name, node in self.nodes.items()}

    # Runs

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
        return {settings: self._identity(recipe) for settings, recipe in recipes.items()}

    def _identity(self, recipe: Recipe) -> dict[str, Any]:
        return {
            "data": self._data[recipe.dataset],
            # A setting that is added later is null: it changes no id of the runs without it.
            "recipe": recipe.model_dump(mode="json", exclude={"dataset"}, exclude_none=True),
            **self.maker(self.engine(recipe), recipe.model.kind),
        }

    @cached_property
    def _data(self) -> dict[str, dict[str, Any]]:
        return {name: self.data(name) for name in self.datasets}

    def identified(self, recipe: Recipe, seed: int) -> tuple[str, dict[str, Any]]:
        """The id and the identity of any run, planned or asked for by a step of a tuning."""
        shared = self._identity(recipe)
        return digest(digest(shared), seed), {**shared, "seed": seed}

    def asked_of(self, pack: Pack) -> list[RunPlan] | None:
        """The runs of a pack that are asked for; None while nobody knows, before a look."""
        return runs_asked_of(self, pack)

    def asked_runs(self) -> set[str]:
        """Ids of all runs that are or may yet be asked for, by packs, looks and steps."""
        ids = set()
        for pack in self.plan.packs.values():
            runs = self.asked_of(pack)
            ids |= {self.run_ids[run.key] for run in (pack.runs if runs is None else runs)}
        for tuning in self.plan.tunings.values():
            for step in tuning.steps[:-1]:
                ids |= {self.identified(*one)[0] for one in asked_by(tuning, step)}
        return ids

    def engine(self, recipe: Recipe) -> str:
        """The engine that trains the runs of a recipe."""
        return engine_of(self.plan.params.engine, self.plan.params.device, recipe)

    @property
    def device(self) -> str:
        """The kind of device that runs train on: "cpu" or "cuda"."""
        return device_of(self.plan.params.engine, self.plan.params.device)

    def maker(self, engine: str, model: str) -> dict[str, Any]:
        """The engine of runs, its kind of device, its code for a kind of model, its libraries."""
        if (engine, model) not in self._makers:
            code, libraries = code_of(f"train/{engine}", model)
            if self.device == "cuda":  # golden runs are those of a CPU
                code = code_of_runs(engine, model)
            self._makers[engine, model] = {
                "engine": engine, "device": self.device, "code": code, "libraries": libraries
            }  # fmt: skip
        return self._makers[engine, model]

    def code_of_makers(self, makers: Iterable[tuple[str, str]]) -> str:
        """Digest of the very code of engines and kinds of model, whatever version it has."""
        return digest([code_of_runs(*maker) for maker in makers])

    def study(self, name: str) -> StudyPlan:
        """A study's plan with run ids in place of keys."""
        study = self.plan.studies[name]
        return replace(study, runs={at: self.run_ids[key] for at, key in study.runs.items()})

    # Data

    def edition(self, dataset: str) -> dict[str, Any]:
        """What the download of a data set wrote of it; empty before."""
        return read_edition(RAW / dataset) or {}

    def editions(self) -> dict[str, dict[str, Any]]:
        """What the downloads wrote, by data set, as it is now."""
        return {name: self.edition(name) for name in self.datasets}

    def data(self, name: str) -> dict[str, Any]:
        """What the numbers of a data set follow from: settings, edition and sums of its files."""
        edition = self.edition(name)
        sums = {file: entry["sha256"] for file, entry in edition.get("files", {}).items()}
        settings = self.plan.params.datasets[name].identity()
        follows = {"settings": settings, "edition": edition.get("edition"), "files": sums}
        libraries = libraries_of(self.plan.params.datasets[name])
        return follows | ({"libraries": libraries} if libraries else {})

    @staticmethod
    def selected(recipe: Recipe) -> Path:
        """The file that says which columns a run of this recipe sees."""
        return SELECTED / recipe.dataset / f"{selection_name(recipe.features)}.json"


class Foreseen(Graph):
    """The graph as it will be after the downloads that are stale, for what only looks.

    Keys and run ids follow from the checksums of raw data. A job copies a user's own table there;
    to say what there is to do, its checksum of now counts.
    """

    def edition(self, dataset: str) -> dict[str, Any]:
        """What the download of a data set will have written of it, as far as that is known."""
        edition = super().edition(dataset)
        block = self.plan.params.datasets[dataset]
        there = {copy: file["sha256"] for copy, file in edition.get("files", {}).items()}
        now = {
            copy: total or there.get(copy)  # of one that is gone, what was read of it
            for copy, total in sums_of_own_files(block).items()
        }
        if not any(now.values()) or now == there:
            return edition
        files = {copy: {"sha256": total} for copy, total in now.items() if total}
        return {**edition, "edition": "own", "files": files}

    def to_run(self, sums: Sums, folder: Path = Path()) -> list[Node]:
        """The nodes under `folder` that Snakemake would make: stale ones, and what follows on them.

        A job that runs for a missing file alone gives what is made from it new inputs, too.
        """
        stale: dict[str, Node] = {}
        for name, node in self.nodes.items():  # upstream first
            inside = node.key_file.is_relative_to(folder)
            if inside and (any(up in stale for up in node.upstream) or not is_fresh(node, sums)):
                stale[name] = node
        return list(stale.values())
