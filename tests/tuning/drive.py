"""Goes the steps of a tuning one after the other in one process, without Snakemake."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from labbook.data.prepared import read_prepared
from labbook.data.select import read_selection
from labbook.engines.choice import load
from labbook.identity.code import digest
from labbook.params.engines import engine_of
from labbook.params.studies import Recipe
from labbook.plan.tunings import TuningPlan
from labbook.training.pack import Task, train_pack
from labbook.training.runfile import read_run, run_path
from labbook.tuning.step import Before, Found, Trial, Tried
from labbook.tuning.steps import STEPS


def drive(
    plan: TuningPlan,
    prepared: Path,
    selection: Path | None,
    folder: Path,
    seen: Callable[[Found, int], None] = lambda found, epochs: None,
) -> dict[str, Found]:
    """What each step of `plan` finds; `seen` gets each, and the epochs trained for it."""
    data = read_prepared(prepared)
    columns = _columns(selection)
    found: dict[str, Found] = {}
    tried: tuple[Tried, ...] = ()
    for name in plan.steps:
        before = Before(plan, data, columns, dict(found), tried)
        found[name] = STEPS[name](before)
        seen(found[name], sum(one.record.epochs for one in tried))
        if found[name].stopped:
            break
        tried = _trained(found[name].asked, prepared, selection, folder)
    return found


def _columns(selection: Path | None) -> Callable[[int], np.ndarray | None]:
    if selection is None:
        return lambda seed: None
    return read_selection(selection).columns


def _trained(
    trials: Iterable[Trial], prepared: Path, selection: Path | None, folder: Path
) -> tuple[Tried, ...]:
    trials = tuple(trials)
    tasks = [_task(one.recipe, one.seed, selection) for one in trials]
    unique = {task.id: task for task in tasks}
    train_pack(list(unique.values()), prepared, folder, folder / "checkpoints", "cpu", load)
    return tuple(
        Tried(one, read_run(path, ("curves",)), partial(_read, path))
        for one, path in zip(trials, (run_path(folder, task.id) for task in tasks), strict=True)
    )


def _read(path: Path, group: str):
    return read_run(path, (group,))


def _task(recipe: Recipe, seed: int, selection: Path | None) -> Task:
    settings = recipe.model_dump(mode="json", exclude={"dataset"}, exclude_none=True)
    identity: Mapping[str, object] = {"data": recipe.dataset, "recipe": settings, "seed": seed}
    engine = engine_of("auto", "auto", recipe)
    return Task(digest(identity), identity, recipe, seed, engine, selection)


def with_seeds(plan: TuningPlan, seeds: int) -> TuningPlan:
    """The same plan with another number of seeds."""
    return replace(plan, seeds=tuple(range(seeds)))
