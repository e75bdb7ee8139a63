"""What the six steps are given in tests: a small data set, and runs with losses that are made up."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from labbook.params.load import load_params
from labbook.params.settings import given_to
from labbook.params.studies import Recipe
from labbook.params.tuning import Tuning
from labbook.plan.tunings import TuningPlan
from labbook.training.runfile import CONVERGED, DIVERGED, RunRecord
from labbook.tuning.decide import decide
from labbook.tuning.step import Before, Found, Trial, Tried
from tests.conftest import TINY
from tests.tuning.search_drive import Laboratory

SEEDS = 6
PARAMS = load_params(TINY)
EASY: dict[str, Any] = {  # a network that learns, in few epochs
    "model": {"kind": "mlp", "hidden": [8]},
    "training": {"batch": 64, "epochs": 60},
}


def laboratory(dataset: str, folder: Path) -> Laboratory:
    """A folder with a data set of tests/tiny.yaml, prepared for the seeds of a tuning."""
    return Laboratory(PARAMS, dataset, folder, range(SEEDS + 8))


def plan(
    dataset: str, settings: dict[str, Any] | None = None, *, remedies: bool = True
) -> TuningPlan:
    """A tuning of a small network on this data set, from the start that `settings` make of it."""
    base = PARAMS.recipes[dataset].model_dump(exclude_unset=True)
    base = {"dataset": dataset, "optimizer": {"kind": "sgd", "rate": 0.01}, **EASY} | {
        key: base[key] for key in ("features",) if key in base
    }
    than = Recipe.model_validate(base)
    start = Recipe.model_validate(given_to(base, settings or {}))
    block = Tuning(recipe=dataset, seeds=SEEDS, remedies=remedies)
    task = PARAMS.datasets[dataset].task
    return TuningPlan("made", block, dataset, task, start, than, tuple(range(SEEDS)))


def before(
    lab: Laboratory,
    of: TuningPlan,
    found: dict[str, Found] | None = None,
    tried: tuple[Tried, ...] = (),
) -> Before:
    """What a step is given."""
    return Before(of, lab.data, lambda seed: lab.columns(of.recipe, seed), found or {}, tried)


def tried(trial: Trial, end: float | None, ended: str = "budget") -> Tried:
    """A run whose losses fall to `end`; None: it diverged."""
    epochs = 20
    losses = np.geomspace(10 * (end or 1.0), end or 1.0, epochs)
    metrics = {"valid_mse": losses[-1], "test_mse": 2 * losses[-1]}
    if end is None:
        losses[-1], ended, metrics = np.nan, DIVERGED, dict.fromkeys(metrics, np.nan)
    curves = {"train_loss": losses, "valid_loss": losses}
    record = RunRecord("0", {}, ended, epochs, epochs, metrics, curves=curves)
    return Tried(trial, record, lambda group: record)


def answered(
    asked: tuple[Trial, ...], loss: Callable[[Trial], float | None], ended: str = "budget"
) -> tuple[Tried, ...]:
    """Runs of all that was asked for, with losses by a rule."""
    return tuple(tried(one, loss(one), ended) for one in asked)


def go(lab: Laboratory, of: TuningPlan, loss: Callable[[Trial], float | None]) -> dict[str, Found]:
    """What all steps find, of runs with losses by a rule, all of which converge."""
    found: dict[str, Found] = {}
    runs: tuple[Tried, ...] = ()
    for step in of.steps:
        found[step] = decide(step, before(lab, of, dict(found), runs))
        runs = answered(found[step].asked, loss, CONVERGED)
    return found


def without_test(one: Tried) -> Tried:
    """The same run, of whose test rows nothing is known."""
    metrics = {name: value for name, value in one.record.metrics.items() if "test" not in name}
    return replace(one, record=replace(one.record, metrics=metrics))
