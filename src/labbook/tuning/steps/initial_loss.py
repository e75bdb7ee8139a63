"""Step 1: is the loss before any training what theory says?

Nothing is trained: weights as they are drawn, outputs by NumPy. Outputs that know nothing of the
target have for classes the loss ln C, if they are small; for a quantity the mean square of the
target plus that of the outputs, since the two have nothing to do with each other.

A row a seed: `seed`, `loss`, `theory` (of this seed), `outputs` (their mean square; of classes what
is left of each row's mean), `target` (the mean square of the target; of classes None).
Decided: `loss`, `theory` (means over seeds), `low`, `high` (between which the loss may lie).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from labbook import models
from labbook.models.initialisation import initial_weights
from labbook.models.losses import predictions
from labbook.streams import stream
from labbook.tuning.runs import plain
from labbook.tuning.step import Before, Found
from labbook.tuning.steps import tiny_sample
from labbook.wording import count, number

NAME = "initial-loss"
MOST_ROWS = 300  # of the training part: NumPy is slow, and a mean over so many is sure enough
# A start made for standardised inputs gives outputs with a variance of at most about 2 (He), which
# adds to ln C about half of that: more than one nat says that the outputs are too large.
ABOVE, BELOW = 1.0, 0.1  # nats
# Outputs and target are independent on average over seeds, not in each: a tenth is allowed, or
# what chance explains in all but one of a thousand cases.
SHARE, SURE = 0.1, 0.999
LARGE = 4.0  # mean square of the outputs, as a multiple of the target's; He's start has 2

CHECK = (
    "Check the scale of the inputs (standardise), the initialisation (model.initialisation), and "
    "the loss (training.loss, and standardise_target for a quantity)."
)


@dataclass(frozen=True)
class _Loss:
    """The loss of a seed's network before training, and what theory makes of it."""

    seed: int
    loss: float
    theory: float
    outputs: float  # their mean square
    target: float  # its mean square; NaN of classes

    def row(self) -> dict[str, Any]:
        return {name: plain(value) for name, value in vars(self).items()}


def loss_before_training(before: Before) -> Found:
    """Step 1 of six; see the top of this module."""
    with np.errstate(all="ignore"):  # inputs that are far too large: no number, which is told
        losses = [_loss(before, seed) for seed in before.plan.seeds]
        classes = before.plan.task == "classification"
        loss, theory, outputs, target = (
            _mean(losses, name) for name in ("loss", "theory", "outputs", "target")
        )
        low, high = (theory - BELOW, theory + ABOVE) if classes else _range(losses, theory)
    told = {"loss": loss, "theory": theory, "low": low, "high": high}
    decided = {name: plain(value) for name, value in told.items()}
    rows = tuple(one.row() for one in losses)
    if classes:
        of = f"the logarithm of {count(len(before.data.classes), 'class', 'classes')}"
    else:
        of = f"{number(target)} of the target and {number(outputs)} of the outputs"
    what = f"Before training the loss is {number(loss)} on average over {count(len(rows), 'seed')}."
    what += f" Theory says {number(theory)}: {of}."
    bounds = f"It may lie between {number(low)} and {number(high)}"
    if not low <= loss <= high:
        why = f"{what} {bounds}, and does not. {CHECK}"
    elif not classes and outputs > LARGE * target:
        why = f"{what} The outputs are far larger than the target. {CHECK}"
    else:
        said = f"{what} {bounds}: inputs, initialisation and loss go together."
        return Found(NAME, said, rows, decided, asked=tuple(tiny_sample.trials(before)))
    return Found(NAME, why, rows, decided, stopped=why)


def _mean(losses: list[_Loss], name: str) -> float:
    return float(np.mean([getattr(one, name) for one in losses]))


def _loss(before: Before, seed: int) -> _Loss:
    x, y = before.data.part(seed, "train", before.columns(seed))
    assert y is not None  # only unlabelled rows have no target
    drawn = stream(seed, "initial loss").permutation(len(x))[:MOST_ROWS]  # files may be sorted
    x, y = x[drawn], y[drawn]
    task = before.plan.task
    outputs = len(before.data.classes) if task == "classification" else 1
    network = models.build(before.plan.recipe.model, x.shape[1:], outputs)
    given = models.forward(network, initial_weights(network, seed), x)  # (rows, outputs)
    if task == "classification":
        loss = -predictions(given, task)[np.arange(len(y)), y].mean()
        spread = ((given - given.mean(axis=1, keepdims=True)) ** 2).mean()
        return _Loss(seed, float(loss), math.log(outputs), float(spread), math.nan)
    values, target = given[:, 0], y.astype(np.float64)
    squares, of_target = float((values**2).mean()), float(target.var() + target.mean() ** 2)
    loss = ((values - target) ** 2).mean()
    return _Loss(seed, float(loss), of_target + squares, squares, of_target)


def _range(losses: list[_Loss], theory: float) -> tuple[float, float]:
    """Between which values the mean loss of a quantity may lie."""
    differences = np.array([one.loss - one.theory for one in losses])
    chance = stats.t.ppf((1 + SURE) / 2, len(losses) - 1) * stats.sem(differences)
    allowed = max(SHARE * theory, float(chance))
    return max(theory - allowed, 0.0), theory + allowed  # no loss is below 0
