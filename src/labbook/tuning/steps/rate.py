"""Step 3: at which rates does the loss fall, on all training rows?

Rates from 1e-5 to 1e-1 by half decades, weight decay 1e-4, the rate constant, a few epochs: at
least 200 steps, since a few epochs of few steps show nothing. The training loss at the end says
which rates are in question. Where several variants came from step 2, the two with the lowest
validation loss go on.

A row a variant and rate: `variant`, `rate`, `train_loss` (mean of the last fifth of the epochs),
`valid_loss` (its lowest, smoothed), `constant` (training loss of the best constant), `failed` (no
number: then both losses are None), `chosen` (in the range that goes on).
Decided: `variants` (that go on, the best first), `rates` (by variant, those of the range), `best`
(by variant, the rate with the lowest training loss), `epochs`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from labbook.evaluate.baselines import constant_losses
from labbook.metrics import LEARNED
from labbook.tuning.recipes import at, at_length, epochs_for, shown
from labbook.tuning.remedies import variants
from labbook.tuning.runs import (
    by_label,
    diverged,
    end_of,
    label_of,
    lowest_of,
    plain,
    rows_of,
    variant_of,
    window_of,
)
from labbook.tuning.settings import RATES
from labbook.tuning.step import Before, Found, Trial, Tried
from labbook.tuning.steps import coarse
from labbook.wording import count, listing, number, sentence

NAME = "rate"
WEIGHT_DECAY = 1e-4
EPOCHS, STEPS = 2, 200
KEPT = 2  # variants
# Rates go on whose loss has fallen, on a logarithmic scale, by at least half of what the best one's
# has; a decade below that best one, and half a decade above: longer trainings want smaller rates.
FALL = 0.5
BELOW, ABOVE = 2, 1  # half decades


def trials(before: Before, carried: Sequence[str]) -> Iterator[Trial]:
    """What is asked for this step: each variant at each rate."""
    recipes, seed = variants(before.plan.recipe), before.plan.choosing[0]
    for name in carried:
        for one in RATES:
            recipe = at(recipes[name], one, WEIGHT_DECAY)
            trained = at_length(recipe, epochs_for(recipe, rows_of(before), EPOCHS, STEPS))
            yield Trial(label_of(name, f"rate {one:g}"), trained, seed)


@dataclass(frozen=True)
class _Point:
    """A variant at a rate."""

    variant: str
    rate: float
    train_loss: float
    valid_loss: float
    failed: bool


def find_rate(before: Before) -> Found:
    """Step 3 of six; see the top of this module."""
    window = window_of(before.tried)
    points = [_point(one, window) for (one,) in by_label(before.tried).values()]
    weighed = before.plan.recipe.training.class_weights is not None
    constant = constant_losses(before.data, before.plan.choosing[0], weighed=weighed)[0]
    names = dict.fromkeys(point.variant for point in points)
    by_variant = {name: [p for p in points if p.variant == name] for name in names}
    ranges = {name: _range(of, constant) for name, of in by_variant.items()}
    kept = [name for name in _by_validation(by_variant) if ranges[name]][:KEPT]
    chosen = {name: ranges[name] for name in kept}
    rows = tuple(_row(point, constant, chosen) for point in points)
    epochs = before.tried[0].trial.recipe.training.epochs
    said = _said(by_variant, chosen, epochs)
    best = {name: _best(by_variant[name]).rate for name in kept}
    told = {"variants": kept, "rates": chosen, "best": best, "epochs": epochs}
    if not kept:
        return Found(NAME, said, rows, told, stopped=said)
    return Found(NAME, said, rows, told, asked=tuple(coarse.trials(before, chosen)))


def _point(one: Tried, window: int) -> _Point:
    """A single run: this step only looks for orders of magnitude."""
    variant, failed = variant_of(one.trial.label), diverged(one.record)
    rate = one.trial.recipe.optimizer.rate
    return _Point(variant, rate, end_of(one.record), lowest_of(one.record, window), failed)


def _best(points: list[_Point]) -> _Point:
    return min(points, key=lambda point: (point.train_loss, point.rate))


def _range(points: list[_Point], constant: float) -> list[float]:
    """Rates that go on, rising; none where the loss falls at none of them."""
    best = _best(points)
    if not best.train_loss < LEARNED * constant:
        return []
    place = points.index(best)
    enough = FALL * _fall(best, constant)
    near = points[max(0, place - BELOW) : place + ABOVE + 1]
    good = [point.rate for point in near if _fall(point, constant) >= enough]
    if good == [best.rate] and place > 0:  # longer trainings want smaller rates
        return [points[place - 1].rate, best.rate]
    return good


def _fall(point: _Point, constant: float) -> float:
    """By how much a loss has fallen below the constant's, on a logarithmic scale."""
    return -math.inf if point.failed else math.log(constant / max(point.train_loss, 1e-300))


def _by_validation(by_variant: dict[str, list[_Point]]) -> list[str]:
    return sorted(by_variant, key=lambda name: min(p.valid_loss for p in by_variant[name]))


def _row(point: _Point, constant: float, chosen: dict[str, list[float]]) -> dict[str, Any]:
    return {
        "variant": point.variant,
        "rate": point.rate,
        "train_loss": plain(point.train_loss),
        "valid_loss": plain(point.valid_loss),
        "constant": constant,
        "failed": point.failed,
        "chosen": point.rate in chosen.get(point.variant, ()),
    }


def _said(by_variant: dict[str, list[_Point]], chosen: dict[str, list[float]], epochs: int) -> str:
    if not chosen:
        failed = sum(point.failed for points in by_variant.values() for point in points)
        return (
            f"At no rate between {RATES[0]:g} and {RATES[-1]:g} does the training loss fall in "
            f"{count(epochs, 'epoch')}; {count(failed, 'run')} diverged. A tiny sample could be "
            "learnt, so all rows together say little of the target: check features, target and "
            "batch size."
        )
    parts = []
    for name, rates in chosen.items():
        best = _best(by_variant[name])
        parts.append(
            f"{sentence(name)}: the loss falls furthest at a rate of {best.rate:g}, to "
            f"{number(best.train_loss)}, and {_span(rates)} go on."
        )
        if bad := shown(point.rate for point in by_variant[name] if point.failed):
            parts.append(f"No number, so too large: {listing(bad)}.")
    gone = [name for name in by_variant if name not in chosen]
    if gone:
        parts.append(f"Worse on validation rows, and left: {'; '.join(gone)}.")
    return f"In {count(epochs, 'epoch')} on all training rows. " + " ".join(parts)


def _span(rates: list[float]) -> str:
    return f"rates of {listing(shown(rates))}"
