"""Step 6, second half: the full training with the chosen values, against another recipe.

Each as its recipe says (epochs, patience, schedule), with the same seeds. Learning curves are
smoothed by a moving average and diagnosed by the rules of docs/evidence.md; test rows are looked at
here for the first time, in pairs by seed, with the usual margin of the metric.

Rows have a `kind`. "run": `side` ("chosen" or "than"), `seed`, `ended`, `epochs`, `best_epoch`,
`valid`, `test` (the metric of the task; None where the run diverged). "curve": `side`, `epoch`,
`train`, `valid` (smoothed geometric means of the losses over seeds).
Decided: `recipe` (the chosen one, as plain values), `metric`, what `against` tells (`verdict`,
`effect`, ...), `chosen` and `than` (means of the metric: `mean`, `low`, `high`),
`diagnosis` and `advice` (by side), `learns` (whether the chosen one learns anything), `price`
(None, or see price.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from labbook.evaluate.baselines import constant_losses
from labbook.evaluate.curves.diagnosis import (
    NOT_LEARNING,
    REMEDIES,
    advice,
    diagnose,
    with_rival,
)
from labbook.evaluate.curves.mean_curves import (
    CurveShape,
    mean_curve,
    padded_logarithms,
    thin,
    with_ends,
)
from labbook.evaluate.statistics.intervals import metric_interval
from labbook.metrics import chosen_by
from labbook.params.studies import Recipe
from labbook.training.runfile import DIVERGED, UNFINISHED
from labbook.tuning.against import against, effect_text, has, p_text
from labbook.tuning.price import price_of, said_of
from labbook.tuning.recipes import settings_text
from labbook.tuning.runs import by_label, decided, diverged, plain
from labbook.tuning.step import Before, Found, Trial, Tried
from labbook.verdicts import SAME
from labbook.wording import count

NAME = "curves"
CHOSEN, THAN, AT_CHOICE = "chosen", "than", "chosen, with the seeds that chose"


def trials(before: Before, chosen: Recipe, choosing: Sequence[int]) -> Iterator[Trial]:
    """What is asked for this step.

    The runs of the seeds `choosing` are there already: beside those of other seeds they give the
    price of choosing.
    """
    for label, recipe in {CHOSEN: chosen, THAN: before.plan.than}.items():
        yield from (Trial(label, recipe, seed) for seed in before.plan.seeds)
    yield from (Trial(AT_CHOICE, chosen, seed) for seed in choosing)


def look_at_curves(before: Before) -> Found:
    """The second half of step 6 of six; see the top of this module."""
    sides = by_label(before.tried)
    test = chosen_by(before.plan.task).replace("valid_", "test_")
    values = {label: _values(sides[label], test) for label in (CHOSEN, THAN)}
    recipe = sides[CHOSEN][0].trial.recipe
    judged = against(values[CHOSEN], values[THAN], test, before.data.edition)
    if recipe == before.plan.than:
        judged["verdict"] = SAME
    looks = {label: _shape(before, sides[label]) for label in (CHOSEN, THAN)}
    price = price_of(before, sides[AT_CHOICE], sides[CHOSEN])
    shapes = {label: shape for label, (shape, _) in looks.items()}
    if _scale(recipe) == _scale(before.plan.than):  # else their losses say nothing of each other
        shapes = with_rival(shapes)
    names = {label: diagnose(shape) for label, shape in shapes.items()}
    told = {
        "recipe": recipe.model_dump(mode="json"),
        "metric": test,
        **judged,
        **{label: _mean(values[label], test) for label in values},
        "diagnosis": names,
        "learns": names[CHOSEN] != NOT_LEARNING,
        "advice": {label: advice(REMEDIES[name], {}) for label, name in names.items()},
        "price": price,
    }
    rows = [row for label in values for row in _runs(label, sides[label], test)]
    rows += [row for label, (_, curves) in looks.items() for row in _curve_rows(label, *curves)]
    said = _said(before, told, values)
    return Found(NAME, f"{said} {said_of(price)}".strip(), tuple(rows), told)


def _scale(recipe: Recipe) -> tuple[str | None, str | None]:
    """What the scale of a training loss depends on."""
    return recipe.training.loss, recipe.training.class_weights


def _values(tried: Sequence[Tried], metric: str) -> np.ndarray:
    """The metric of each seed, (seeds,), NaN where the run diverged."""
    return np.array([one.record.metrics[metric] for one in tried], float)


def _mean(values: np.ndarray, metric: str) -> dict[str, Any]:
    found = metric_interval(values, metric)
    return {name: plain(getattr(found, name)) for name in ("mean", "low", "high")}


def _shape(
    before: Before, tried: Sequence[Tried]
) -> tuple[CurveShape, tuple[np.ndarray, np.ndarray]]:
    """What a side's diagnosis rests on, and its smoothed curves of training and validation."""
    records = [one.record for one in tried]
    unfinished = [record.ended == UNFINISHED for record in records]
    bad = [diverged(record) for record in records]
    shape = CurveShape(len(records), float(np.mean(bad)), float(np.mean(unfinished)))
    finished = [one for one in tried if one.record.ended != DIVERGED]
    if not finished:
        return shape, (np.empty(0), np.empty(0))
    train, valid = (
        mean_curve(padded_logarithms([one.record.curves[f"{part}_loss"] for one in finished]))
        for part in ("train", "valid")
    )
    weighed = finished[0].trial.recipe.training.class_weights is not None
    constants = np.array(
        [constant_losses(before.data, one.trial.seed, weighed=weighed) for one in finished]
    )
    means = np.exp(np.log(np.maximum(constants, 1e-300)).mean(axis=0)).tolist()
    shape = CurveShape(
        shape.runs, shape.diverged, shape.unfinished, constant=means[0], valid_constant=means[1]
    )
    return with_ends(shape, train, valid), (train, valid)


def _runs(label: str, tried: Sequence[Tried], metric: str) -> Iterator[dict[str, Any]]:
    for one in tried:
        record = one.record
        valid = record.metrics[metric.replace("test_", "valid_")]
        yield {
            "kind": "run",
            "side": label,
            "seed": one.trial.seed,
            "ended": record.ended,
            "epochs": record.epochs,
            "best_epoch": record.best_epoch,
            "valid": plain(valid),
            "test": plain(record.metrics[metric]),
        }


def _curve_rows(label: str, train: np.ndarray, valid: np.ndarray) -> Iterator[dict[str, Any]]:
    for epoch in thin(len(train)).tolist() if len(train) else ():
        at_epoch = {"train": float(train[epoch - 1]), "valid": float(valid[epoch - 1])}
        yield {"kind": "curve", "side": label, "epoch": epoch, **at_epoch}


def _said(before: Before, told: dict[str, Any], values: Mapping[str, np.ndarray]) -> str:
    chosen = (decided(before, "finalists", name) for name in ("rate", "weight_decay", "variant"))
    what = f"the full training with {settings_text(*chosen)}"
    ours, other = (has(values[side], told["metric"]) for side in (CHOSEN, THAN))
    said = f"Over {count(len(before.plan.seeds), 'seed')} {what} {ours}. The recipe that it is "
    said += f"compared with {other}. {_units(before)}"
    if told["verdict"] == SAME:
        return f"{said}Both are the same settings."
    said += f"{_told(told)}. Its learning curves are diagnosed as {told['diagnosis'][CHOSEN]}: "
    return f"{said}{told['advice'][CHOSEN]}"


def _units(before: Before) -> str:
    """That losses have other units than errors, where they have."""
    data = before.data
    scaled = data.split(before.plan.seeds[0]).target_scale != 1
    if not data.log_target and not scaled:
        return ""
    target = "target's logarithm" if data.log_target else "target"
    return (
        f"Errors are in the target's own units; losses, of the curves and in the steps before, "
        f"are of the {'standardised ' * scaled}{target}. "
    )


def _told(told: Mapping[str, Any]) -> str:
    """The verdict with the effect and the p it rests on."""
    if not told["n"]:
        return "All runs of both diverged, so there is nothing to compare"
    effect, p = effect_text(told), p_text(told)
    inside = f"{effect}; {p}" if effect else p
    return f"Chosen against compared: {told['verdict']} ({inside})"
