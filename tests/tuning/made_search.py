"""A made search: trials are not trained but answered by a function of their settings and seed."""

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from labbook.params.studies import Recipe
from labbook.params.tuning import Tuning
from labbook.plan.tunings import TuningPlan
from labbook.training.runfile import DIVERGED, USED_UP, RunRecord
from labbook.tuning.decide import decide
from labbook.tuning.step import Before, Found, Trial, Tried, found_from_json, found_to_json
from tests.made_data import recipe

RATE = {"low": 1e-4, "high": 1.0, "log": True}
WHOLE = 40  # epochs of a full training
Answer = Callable[[Trial], Mapping[str, float] | None]


def plan(
    of: Mapping[str, Any] | None = None,
    *,
    budget: int = 2000,
    epochs: int = 4,
    seed: int = 0,
    seeds: int = 8,
    than: Any = None,
) -> TuningPlan:
    """A search of the rate and what else `of` has, from a start of rate 0.01."""
    search = {"of": {"optimizer.rate": RATE} | dict(of or {}), "budget": budget, "epochs": epochs}
    block = Tuning.model_validate(
        {"recipe": "made", "seeds": seeds, "search": search | {"seed": seed}}
    )
    start = Recipe.model_validate(recipe(epochs=WHOLE).model_dump())  # as from a file
    return TuningPlan(
        "made", block, "made", "regression", start, than or start, tuple(range(seeds))
    )


def chance(trial: Trial, *more: int) -> np.random.Generator:
    """Noise of a trial: a function of its settings and its seed."""
    text = json.dumps(trial.recipe.model_dump(mode="json"), sort_keys=True)
    return np.random.default_rng([*text.encode(), trial.seed, *more])


def errors(logarithm: float, trial: Trial, noise: float) -> dict[str, float]:
    """Errors of a trial whose error has this true logarithm, on validation and on test rows."""
    valid, test = logarithm + noise * chance(trial).normal(size=2)
    return {"valid_mse": float(np.exp(valid)), "test_mse": float(np.exp(test))}


def answered(trial: Trial, answer: Answer) -> Tried:
    """The trial with the metrics that `answer` gives it, none where it diverges."""
    metrics = answer(trial)
    epochs = 1 if metrics is None else trial.recipe.training.epochs
    ended = DIVERGED if metrics is None else USED_UP
    nothing = {"valid_mse": float("nan"), "test_mse": float("nan")}
    record = RunRecord("0", {}, ended, epochs, epochs, metrics or nothing)
    return Tried(trial, record, lambda group: record)


def go(
    of_plan: TuningPlan,
    answer: Answer,
    *,
    edition: str = "own",
    order: Callable[[list[Tried]], list[Tried]] = lambda tried: tried,
) -> tuple[dict[str, Found], dict[str, tuple[Tried, ...]]]:
    """What all steps find, and the runs that each was given; from file to file, as in the DAG."""
    data = SimpleNamespace(edition=edition)
    found: dict[str, Found] = {}
    given: dict[str, tuple[Tried, ...]] = {}
    tried: tuple[Tried, ...] = ()
    for step in of_plan.steps:
        given[step] = tried
        one = decide(step, Before(of_plan, data, lambda seed: None, dict(found), tried))  # type: ignore[arg-type]
        found[step] = found_from_json(json.loads(json.dumps(found_to_json(one), allow_nan=False)))
        assert found[step] == one, "a file does not give back what the step found"
        tried = tuple(order([answered(trial, answer) for trial in one.asked]))
    return found, given


def spent(given: Mapping[str, tuple[Tried, ...]]) -> int:
    """Epochs of all trainings, but those of the last step."""
    return sum(
        one.record.epochs for step, tried in given.items() if step != "final" for one in tried
    )
