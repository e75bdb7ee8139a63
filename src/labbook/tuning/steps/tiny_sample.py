"""Step 2: can the network learn a handful of training rows by heart?

Ten rows of a quantity, five of each class, all of them in each step, at rates from 1e-4 to 1e-1,
without weight decay, dropout and augmentation. Who cannot do that will learn nothing of all rows
either: the loss does not fall (the rate or the model is too small, or the gradient vanishes), or is
no number (the rate is too large). Then, where `remedies` allows it, what remedies.py changes is
looked at in the same way.

A row a variant and rate: `variant`, `rate`, `learnt`, `epochs` (until it was, the mean over seeds;
None where it was not in each), `share` (of the best constant's loss that was left, the geometric
mean over seeds; None where it diverged), `diverged`.
Decided: `rows` (of the sample), `variants` (that go on, in order), `epochs` (by variant, at its
best rate).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from labbook.data.tiny import tiny
from labbook.evaluate.baselines import constant_losses
from labbook.training.runfile import CONVERGED
from labbook.tuning.recipes import at, on_tiny, shown, spaced
from labbook.tuning.remedies import ADAM, START, variants
from labbook.tuning.runs import by_label, diverged, geometric, label_of, plain, variant_of
from labbook.tuning.step import Before, Found, Trial, Tried
from labbook.tuning.steps import rate
from labbook.wording import count, listing, number, percent

NAME = "tiny-sample"
QUANTITY, A_CLASS = 10, 5  # rows
RATES = spaced(1e-4, 1e-1, 1)
SEEDS = 2
EPOCHS = 200  # of one step each
FLAT = 50  # epochs after which a loss that has not fallen by a thousandth is given up
# What is left of the best constant's loss, once a quantity is learnt by heart. Of classes the mean
# loss is then so small that no row can have a probability below one half: all are right.
SHARE = 0.05
QUICKER = 0.5  # Adam goes on beside a start that learns, where it needs no more of its epochs

CHECK = (
    "Check that rows differ in the features that the network sees, that the target belongs to "
    "them, and that the network is not too small."
)


def trials(before: Before) -> Iterator[Trial]:
    """What is asked for this step: each variant at each rate."""
    asked = variants(before.plan.recipe)
    if not before.plan.block.remedies:
        asked = {START: before.plan.recipe}
    for seed in before.plan.choosing[:SEEDS]:
        rows, target, _ = _sample(before, seed)
        a_class = A_CLASS if before.plan.task == "classification" else QUANTITY
        for name, recipe in asked.items():
            for one in RATES:
                trained = on_tiny(at(recipe, one, 0.0), a_class, rows, EPOCHS, target, FLAT)
                yield Trial(label_of(name, f"rate {one:g}"), trained, seed)


def _sample(before: Before, seed: int) -> tuple[int, float, float]:
    """Rows of a seed's tiny sample, the loss at which it is learnt, that of the best constant."""
    classes = before.plan.task == "classification"
    sample = tiny(before.data, seed, A_CLASS if classes else QUANTITY)
    rows = len(sample.split(seed).train)
    constant = constant_losses(sample, seed)[0]
    if classes:
        return rows, math.log(2) / rows, constant
    # Ten rows may have one value, and all of them have several.
    constant = constant or constant_losses(before.data, seed)[0] or 1.0
    return rows, SHARE * constant, constant


@dataclass(frozen=True)
class _Row:
    """What a variant came to at a rate."""

    variant: str
    rate: float
    learnt: bool
    epochs: float | None
    share: float | None
    diverged: bool


def learn_by_heart(before: Before) -> Found:
    """Step 2 of six; see the top of this module."""
    constants = {seed: _sample(before, seed)[2] for seed in before.plan.choosing[:SEEDS]}
    rows = [_row(tried, constants) for tried in by_label(before.tried).values()]
    best = {row.variant: row for row in sorted(rows, key=_slowness, reverse=True) if row.learnt}
    best = {name: best[name] for name in dict.fromkeys(row.variant for row in rows) if name in best}
    size = _sample(before, before.plan.choosing[0])[0]
    plain_rows = tuple(dict(vars(row)) for row in rows)
    carried, said = _carried(best), _said(before, size, rows, best)
    if not carried:
        return Found(NAME, said, plain_rows, {"rows": size, "variants": []}, stopped=said)
    epochs = {name: row.epochs for name, row in best.items()}
    told = {"rows": size, "variants": carried, "epochs": epochs}
    return Found(NAME, said, plain_rows, told, asked=tuple(rate.trials(before, carried)))


def _row(tried: list[Tried], constants: Mapping[int, float]) -> _Row:
    """A variant at a rate: learnt where it was with each seed."""
    records = [one.record for one in tried]
    learnt = all(record.ended == CONVERGED for record in records)
    trial = tried[0].trial
    shares = [
        float(np.min(one.record.curves["train_loss"])) / constants[one.trial.seed]
        for one in tried
        if not diverged(one.record)
    ]
    return _Row(
        variant_of(trial.label),
        trial.recipe.optimizer.rate,
        learnt,
        fmean(record.epochs for record in records) if learnt else None,
        plain(geometric(shares)) if len(shares) == len(tried) else None,
        any(map(diverged, records)),
    )


def _slowness(row: _Row) -> float:
    return math.inf if row.epochs is None else row.epochs


def _carried(best: Mapping[str, _Row]) -> list[str]:
    """The variants that go on: the start, if it learns, with Adam where that is far quicker."""
    if START not in best:
        return list(best)
    quick = ADAM in best and _slowness(best[ADAM]) <= QUICKER * _slowness(best[START])
    return [START, ADAM] if quick else [START]


def _said(before: Before, size: int, rows: list[_Row], best: Mapping[str, _Row]) -> str:
    what = f"{count(size, 'training row')}"
    if START in best:
        said = f"The start learns {what} by heart in {_quickness(best[START])}."
        if len(_carried(best)) == 1:
            return f"{said} So network and training can learn, and it goes on as it is."
        return f"{said} With {ADAM} it takes {_quickness(best[ADAM])}, so that goes on beside it."
    said = f"The start cannot learn {what} by heart at any rate between {RATES[0]:g} and "
    said += f"{RATES[-1]:g}. {_reason([row for row in rows if row.variant == START])}"
    if not before.plan.block.remedies:
        return f"{said} Remedies are not allowed (remedies: false). {CHECK}"
    others = dict.fromkeys(row.variant for row in rows if row.variant != START)
    if not best:
        tried = f" None of the remedies helps: {'; '.join(others)}." if others else ""
        return f"{said}{tried} {CHECK}"
    ways = "; ".join(f"{name}: {_quickness(row)}" for name, row in best.items())
    return f"{said} Remedies that can go on in its place: {ways}."


def _quickness(row: _Row) -> str:
    return f"{number(row.epochs)} epochs at a rate of {row.rate:g}"


def _reason(rows: list[_Row]) -> str:
    """Why a variant learns at no rate."""
    if all(row.diverged for row in rows):
        return "Its loss is no number at any of them: the steps are too large."
    shares = [row.share for row in rows if row.share is not None]
    left = percent(min(1.0, *shares, 1.0))
    bad = shown(row.rate for row in rows if row.diverged)
    said = f"Its loss falls to {left} of the best constant's at best: the model or its steps are "
    said += "too small, or the gradient vanishes on its way."
    return said + (f" At a rate of {listing(bad, 'or')} it is no number." if bad else "")
