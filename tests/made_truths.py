"""Studies drawn from a known truth: every form of claim under every condition, in memory.

A study is drawn as real ones are: seeds make splits easy or hard for all combinations alike, and
each run adds luck of its own. Effects count in deviations of that luck. `judge` sees nothing else
than it sees of real results.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from labbook.evaluate.claims.judge import Judgement, judge
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.claims import Claim
from labbook.params.combinations import Combination
from labbook.params.studies import Recipe, Study
from labbook.plan.studies import ClaimPlan, StudyPlan
from labbook.training.runfile import CONVERGED, DIVERGED, STOPPED, USED_UP, RunRecord
from tests.made_study import FakePrepared, recipe

PLAIN, FAILURES, GOAL = "plain", "failures", "epochs to a goal"
SEVERAL, TIES, MARGIN = "several a side", "ties", "margin"
CONDITIONS = (PLAIN, FAILURES, GOAL, SEVERAL, TIES, MARGIN)
CLAIMED, NOTHING, REVERSED = "as claimed", "nothing", "reversed"
TRUTHS = {CLAIMED: 1, NOTHING: 0, REVERSED: -1}

SPREAD, GRID = 0.25, 0.02  # deviation of a run's luck: of a logarithm, and of an accuracy
FAILING = 0.1  # share of runs that diverge, where some do
EPOCHS, BUDGET = 1000.0, 1200.0  # what a run with a goal needs on average; a quarter need more
WIDE = 0.5  # the margin where a claim names one: far more than the luck of a mean


@dataclass(frozen=True)
class Form:
    """A form of claim: how it is written, and which effects make it true.

    `sides` are letters, a combination each. `test` takes the condition and gives the claim's
    block. `effects` takes the truth (1, 0, -1 times a size in deviations) and the size of the
    bound in deviations to the effect of each letter.
    """

    sides: tuple[str, ...]
    test: Callable[[str], dict[str, Any]]
    effects: Callable[[float, float], Mapping[str, float]]
    bound: Callable[[str], float] = lambda condition: 0.0  # on the scale of comparison


PAIR = {"better": {"x": 1}, "than": {"x": 2}}
OF = {"of": {"x": 1}}


def _given(condition: str, ratio: float, difference: float) -> float:
    """A bound as the claim counts it: a share of errors and epochs, a difference of accuracies."""
    return difference if condition == TIES else ratio


def _logged(condition: str, ratio: float, difference: float) -> float:
    """The same bound on the scale of comparison."""
    return difference if condition == TIES else math.log1p(ratio)


def _level(condition: str) -> dict[str, Any]:
    if condition == TIES:
        return {"level": OF | {"above": 0.8}}
    return {"level": OF | {"below": EPOCHS if condition == GOAL else 1.0}}


def _between(condition: str) -> dict[str, Any]:
    if condition == TIES:
        return {"level": OF | {"above": 0.7, "below": 0.9}}
    middle = EPOCHS / 2 if condition == GOAL else 1.0
    return {"level": OF | {"above": middle / 2, "below": middle * 2}}


def _beyond(truth: float, bound: float) -> dict[str, float]:
    """Nothing where the truth is positive, else the bound or more."""
    return {"a": 0.0 if truth > 0 else bound - truth}


LEAST, NEAR, APART = (1.0, 0.1), (0.5, 0.04), (1.0, 0.1)
FORMS = {
    "better": Form(("a", "b"), lambda c: PAIR, lambda t, b: {"a": t}),
    "better by at least": Form(
        ("a", "b"),
        lambda c: PAIR | {"at_least": _given(c, *LEAST)},
        lambda t, b: {"a": b + t},
        lambda c: _logged(c, *LEAST),
    ),
    "gains more": Form(
        ("a", "b", "c", "d"), lambda c: PAIR | {"more_than": PAIR}, lambda t, b: {"a": 2 * t}
    ),
    "alike": Form(
        ("a", "b"),
        lambda c: {"alike": [{"x": 1}, {"x": 2}], "margin": _given(c, *NEAR)},
        _beyond,
        lambda c: _logged(c, *NEAR),
    ),
    "order": Form(
        ("a", "b", "c"),
        lambda c: {"order": [{"x": 1}, {"x": 2}, {"x": 3}]},
        lambda t, b: {"a": 2 * t, "b": t},
    ),
    "level": Form(("a",), _level, lambda t, b: {"a": t}),
    "level between": Form(("a",), _between, _beyond, lambda c: _logged(c, *APART)),
    "share": Form(
        ("a",),
        lambda c: {"share": OF | {"ended": "converged", "above": 0.5}},
        lambda t, b: {"a": t},
    ),
}
# What a form has nothing to do with.
OUT = {
    ("share", FAILURES): "how runs end is what a share counts",
    ("share", GOAL): "how runs end is what a share counts",
    ("share", TIES): "an ending is no number",
    ("share", MARGIN): "refused: a share has a bound",
    ("level", MARGIN): "refused: a level has a bound",
    ("level between", MARGIN): "refused: a level has bounds",
    ("better by at least", MARGIN): "refused: it is a bound itself",
}


def kind_of(condition: str) -> str:
    """Whether the metric is compared by ratio or by difference."""
    return "difference" if condition == TIES else "ratio"


def draw_study(
    form: str, condition: str, truth: float, n: int, draw: np.random.Generator
) -> StudyRuns:
    """A study of `n` seeds in which the claim's effect is `truth` deviations beyond its bound."""
    spec = FORMS[form]
    spread = GRID if condition == TIES else SPREAD
    effects = spec.effects(truth, spec.bound(condition) / spread)
    study = made_plan(form, condition, n)
    split = draw.normal(0, 1, n)  # easy and hard splits
    runs: dict[str, list[RunRecord]] = {}
    for letters in dict.fromkeys(side for claim in study.claims for side in claim.sides):
        for label in letters:
            luck = draw.normal(0, 1, n) + effects.get(label.lower(), 0.0)
            if form == "share":
                runs[label] = _endings(split + luck - effects["a"], truth)
            else:
                size = luck if len(spec.sides) == 1 else split + luck
                middle = 2 if form == "level between" and condition == GOAL else 1
                runs[label] = _values(draw, size, condition, EPOCHS / middle)
    return _in_memory(study, runs)


def _values(
    draw: np.random.Generator, size: np.ndarray, condition: str, epochs: float
) -> list[RunRecord]:
    """Runs whose results are better the larger `size`, shape (seeds,), in deviations.

    With a goal, a run of size 0 needs `epochs`.
    """
    if condition == TIES:
        accuracy = np.clip(np.round((0.8 + GRID * size) / GRID) * GRID, 0, 1)
        return [_run({"valid_accuracy": float(v)}) for v in accuracy]
    error = np.exp(-SPREAD * size)
    if condition == GOAL:
        needed = epochs * error
        return [
            _run({}, CONVERGED if one <= BUDGET else USED_UP, float(min(one, BUDGET)))
            for one in needed
        ]
    failed = (draw.random(len(error)) < FAILING) & (condition == FAILURES)
    return [
        _run({"valid_mse": float("nan") if f else float(v)}, DIVERGED if f else STOPPED)
        for v, f in zip(error, failed, strict=True)
    ]


def _endings(luck: np.ndarray, truth: float) -> list[RunRecord]:
    """Runs of which half converge where `truth` is 0; the split decides as much as luck does."""
    return [_run({"valid_mse": 1.0}, CONVERGED if v > -truth * 2**0.5 else USED_UP) for v in luck]


def _run(metrics: dict[str, float], ended: str = STOPPED, epochs: float = 20) -> RunRecord:
    return RunRecord("", {}, ended, epochs, 1, metrics)  # type: ignore[arg-type]


@cache
def _prepared(kind: str) -> Any:
    prepared = FakePrepared("regression" if kind == "ratio" else "classification")
    split = prepared.split(0)
    prepared.split = lambda seed: split
    return prepared


@cache
def made_plan(form: str, condition: str, n: int) -> StudyPlan:
    """The plan of a study with the one claim; with two combinations a side where there are several."""
    spec, kind = FORMS[form], kind_of(condition)
    test = spec.test(condition)
    if condition == MARGIN and form != "alike":
        test = test | {"margin": WIDE}
    sides = tuple(
        (letter, letter.upper()) if condition == SEVERAL else (letter,) for letter in spec.sides
    )
    metric = {"ratio": "valid_mse", "difference": "valid_accuracy"}[kind]
    metric = "epochs" if condition == GOAL else metric
    training = {"batch": "all", "epochs": int(BUDGET), "tolerance": 1e-4}
    base = recipe(training=training) if condition == GOAL or form == "share" else recipe()
    combinations = {label: {"optimizer.rate": 0.1} for side in sides for label in side}
    return _plan(test, sides, metric, combinations, n, base)


def _plan(
    test: Mapping[str, Any], sides: tuple[tuple[str, ...], ...], metric: str,
    combinations: Mapping[str, Mapping[str, Any]], n: int, base: Recipe | None = None,
) -> StudyPlan:  # fmt: skip
    """The plan of a study of one claim; `combinations` are their settings by label."""
    block = Claim.model_validate({"id": "c", "sentence": "It is so.", "reported": "1"} | dict(test))
    claim = ClaimPlan("c", "It is so.", "1", metric, block.form, sides, block)
    varied = {name: [0.1, 0.2] for settings in combinations.values() for name in settings}
    study = {"question": "Which?", "recipe": "made", "vary": varied}
    return StudyPlan(
        name="made", block=Study.model_validate(study), dataset="made",
        task="classification" if metric == "valid_accuracy" else "regression",
        combinations=tuple(
            Combination(label, settings, base or recipe()) for label, settings in combinations.items()
        ),
        seeds=tuple(range(n)), runs={}, reference=next(iter(combinations)), metric=metric,
        claims=(claim,),
    )  # fmt: skip


GRID_LABELS = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]


def draw_grid(
    effects: tuple[float, float, float],
    n: int,
    draw: np.random.Generator,
    condition: str = PLAIN,
) -> StudyRuns:
    """A study of three settings with two values each, of these effects; x matters most, it says."""
    split = draw.normal(0, 1, n)
    runs = {}
    for place in GRID_LABELS:
        size = split + draw.normal(0, 1, n) + float(np.dot(place, effects))
        runs["".join(map(str, place))] = _values(draw, size, condition, EPOCHS)
    return _in_memory(_grid_plan(n, condition), runs)


@cache
def _grid_plan(n: int, condition: str) -> StudyPlan:
    names = ("optimizer.rate", "optimizer.weight_decay", "training.epochs")
    given = ((0.1, 0.2), (0.0, 0.1), (10, 20))
    combinations = {
        "".join(map(str, place)): {
            name: values[i] for name, values, i in zip(names, given, place, strict=True)
        }
        for place in GRID_LABELS
    }
    metric = "valid_accuracy" if condition == TIES else "valid_mse"
    return _plan({"matters": list(names)}, (), metric, combinations, n)


PARAMETERS = 4  # of the network whose size is claimed


def draw_exact(claimed: int, n: int) -> StudyRuns:
    """A study of the claim that a network of PARAMETERS weights has `claimed`."""
    test = {"exact": OF | {"parameters": claimed}}
    plan = _plan(
        test, (("a",),), "valid_mse", {label: {"optimizer.rate": 0.1} for label in "ab"}, n
    )
    layers = (("linear", (1,), PARAMETERS),)
    runs = {label: [replace(_run({"valid_mse": 1.0}), layers=layers)] * n for label in "ab"}
    return _in_memory(plan, runs)


def verdict_of(results: StudyRuns) -> Judgement:
    """What `judge` says of the only claim."""
    return judge(results)[0]


def size_of_margin(form: str) -> float:
    """The truth at which an effect is exactly the margin that the condition names."""
    per_deviation = 2 if form == "gains more" else 1
    return math.log1p(WIDE) / SPREAD / per_deviation


def draw_order(effects: tuple[float, float, float], n: int, draw: np.random.Generator) -> StudyRuns:
    """A study of the claim a > b > c, with these effects of a, b and c in deviations."""
    split = draw.normal(0, 1, n)
    plan = made_plan("order", PLAIN, n)
    runs = {
        label: _values(draw, split + draw.normal(0, 1, n) + effect, PLAIN, EPOCHS)
        for label, effect in zip("abc", effects, strict=True)
    }
    return _in_memory(plan, runs)


def draw_differences(differences: np.ndarray) -> StudyRuns:
    """A study in which a's metric (R2) is b's and `differences` (seeds,) more."""
    n = len(differences)
    plan = made_plan("better", PLAIN, n)
    claim = replace(plan.claims[0], metric="valid_r2")
    plan = replace(plan, metric="valid_r2", claims=(claim,))
    values = {"a": differences - 100, "b": np.zeros(n) - 100}  # no R2 is above 1
    return _in_memory(
        plan, {k: [_run({"valid_r2": float(v)}) for v in row] for k, row in values.items()}
    )


def draw_family(n: int, draw: np.random.Generator) -> StudyRuns:
    """A study of four claims that b, c, d and e are each better than a; nothing is."""
    plan = made_plan("better", PLAIN, n)
    claim = plan.claims[0]
    claims = tuple(replace(claim, id=f"c{letter}", sides=((letter,), ("a",))) for letter in "bcde")
    base = plan.combinations[0].recipe
    combinations = tuple(Combination(one, {"optimizer.rate": 0.1}, base) for one in "abcde")
    plan = replace(plan, claims=claims, combinations=combinations)
    split = draw.normal(0, 1, n)
    return _in_memory(
        plan, {one: _values(draw, split + draw.normal(0, 1, n), PLAIN, EPOCHS) for one in "abcde"}
    )


def _in_memory(plan: StudyPlan, runs: Mapping[str, list[RunRecord]]) -> StudyRuns:
    records = {(label, seed): run for label, row in runs.items() for seed, run in enumerate(row)}
    prepared = _prepared("ratio" if plan.task == "regression" else "difference")
    return StudyRuns(plan, prepared, {}, None, records)  # type: ignore[arg-type]
