"""A tuning without the DAG: what each step asks for is trained in a folder, then the next is called.

Runs go to their files by an id of recipe and seed, so a second drive finds those of the first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labbook.data.fetching.download import download
from labbook.data.prepare import prepare
from labbook.data.prepared import Prepared, read_prepared
from labbook.data.select import read_selection, select
from labbook.engines.choice import load
from labbook.identity.code import digest
from labbook.params.document import Params
from labbook.params.engines import engine_of
from labbook.params.studies import Recipe
from labbook.plan.packs import selection_name
from labbook.plan.tunings import TuningPlan
from labbook.training.pack import Task, train_pack
from labbook.training.runfile import read_run, run_path
from labbook.tuning.step import Before, Found, Trial, Tried

Step = Callable[[Before], Found]


@dataclass
class Laboratory:
    """A folder with one data set prepared, in which trials are trained."""

    params: Params
    dataset: str
    folder: Path
    seeds: Sequence[int]
    mirror: str | None = None
    trained: int = 0  # epochs of all runs that were asked for, those that were there included
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        block, raw = self.params.datasets[self.dataset], self.folder / "raw"
        download(self.dataset, block, raw, mirror=self.mirror, stand_ins=False)
        self.path = self.folder / f"{self.dataset}.safetensors"
        prepare(block, raw, self.seeds, self.path)
        self.data: Prepared = read_prepared(self.path)

    def selection(self, recipe: Recipe) -> Path:
        """The file of the columns that a recipe's networks see; made where it is missing."""
        path = self.folder / f"{selection_name(recipe.features)}.json"
        if not path.exists():
            select(self.data, recipe.features, self.seeds, path)
        return path

    def columns(self, recipe: Recipe, seed: int) -> np.ndarray | None:
        """Numbers of the columns that the network of a seed sees."""
        return read_selection(self.selection(recipe)).columns(seed)

    def train(self, trials: Sequence[Trial]) -> tuple[Tried, ...]:
        """Train what is asked for, and read it back."""
        tasks = [self._task(trial) for trial in trials]
        train_pack(
            list({task.id: task for task in tasks}.values()),
            self.path,
            self.folder / "runs",
            self.folder / "checkpoints",
            "cpu",
            load,
            notify=lambda record, seconds: self.seconds.update({record.id: seconds}),
        )
        tried = tuple(map(self._tried, trials, tasks))
        self.trained += sum(one.record.epochs for one in tried)
        return tried

    def _task(self, trial: Trial) -> Task:
        recipe, seed = trial.recipe, trial.seed
        identity = {"recipe": recipe.identity(), "seed": seed}
        engine = engine_of("auto", "cpu", recipe)
        return Task(digest(identity), identity, recipe, seed, engine, self.selection(recipe))

    def _tried(self, trial: Trial, task: Task) -> Tried:
        path = run_path(self.folder / "runs", task.id)
        return Tried(trial, read_run(path, ("curves",)), lambda group: read_run(path, (group,)))


def drive(
    plan: TuningPlan, steps: Mapping[str, Step], laboratory: Laboratory
) -> Iterator[tuple[Found, tuple[Tried, ...]]]:
    """What each step finds, and the runs that it was given, up to one that stops."""
    found: dict[str, Found] = {}
    tried: tuple[Tried, ...] = ()
    for name in plan.steps:
        columns = lambda seed: laboratory.columns(plan.recipe, seed)  # noqa: E731
        one = steps[name](Before(plan, laboratory.data, columns, dict(found), tried))
        yield one, tried
        if one.stopped:
            return
        found[name] = one
        tried = laboratory.train(one.asked)
