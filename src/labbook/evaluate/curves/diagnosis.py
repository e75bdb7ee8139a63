"""What a combination's learning curves say: a diagnosis by rules, and what to do about it.

The rules look at the mean curve over seeds, smoothed, and at how the runs ended. They are asked
in the order of `RULES`; the first that holds gives the diagnosis. docs/evidence.md has them in
words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from labbook.evaluate.curves.mean_curves import CurveShape, shape_of
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.metrics import LEARNED
from labbook.wording import listing, sentence

DIVERGING = "diverging"
NOT_LEARNING = "not learning"
OVERFITTING = "overfitting"
UNDERFITTING = "underfitting"
FINISH = "unfinished"
UNSTEADY = "unsteady"
GOOD = "good"
UNKNOWN = "unknown"

UP, DOWN = 1, -1


@dataclass(frozen=True)
class Remedy:
    """Words for a change of settings; `moves` says up or down by the last name of each's path."""

    words: str
    moves: Mapping[str, int]

    def opposes(self, tried: Mapping[str, int]) -> bool:
        """Whether a study's best values lie the other way, by the last name of a setting."""
        return any(tried.get(name) == -way for name, way in self.moves.items())


LARGER = {"hidden": UP, "channels": UP, "degree": UP}
SMALLER = dict.fromkeys(LARGER, DOWN)
LESS_REGULAR = {"weight_decay": DOWN, "dropout": DOWN}
MORE_REGULAR = dict.fromkeys(LESS_REGULAR, UP)
LOWER_RATE = Remedy("lower the learning rate", {"rate": DOWN})

# What to do, by diagnosis.
OTHERWISE = "See which of the values that were tried does best."
REMEDIES: dict[str, tuple[Remedy, ...]] = {
    DIVERGING: (LOWER_RATE, Remedy("clip the gradient (training.clip)", {"clip": DOWN})),
    NOT_LEARNING: (
        Remedy("raise the learning rate", {"rate": UP}),
        Remedy("enlarge the model", LARGER),
        Remedy("check that the features tell something about the target", {}),
    ),
    OVERFITTING: (
        Remedy("regularise (weight decay, dropout)", MORE_REGULAR),
        Remedy("take a smaller model", SMALLER),
        Remedy("take more data", {}),
        Remedy("stop early with training.patience", {}),
    ),
    UNDERFITTING: (
        Remedy("take a larger model", LARGER),
        Remedy("raise the learning rate", {"rate": UP}),
        Remedy("regularise less", LESS_REGULAR),
    ),
    FINISH: (Remedy("raise the budget, training.epochs", {"epochs": UP}),),
    UNSTEADY: (LOWER_RATE, Remedy("let the rate fall towards the end (schedule)", {})),
    GOOD: (Remedy("go on: vary something else", {}),),
    UNKNOWN: (Remedy("no curve to judge by", {}),),
}

# Share of diverged runs that makes it a property of the setting: one seed in eight may be bad
# luck, and is named in the report anyway; two are not.
DIVERGED_SHARE = 0.25
# A training loss that ends at twice its lowest value, and above half of what a constant
# prediction has, was thrown out: a factor of 2 is more than Adam's small jumps leave after
# smoothing, and jumps near 0 do not matter.
GROWN = 2.0
# Above half of the constant prediction's loss most of the way is still to go: waiting for it is
# dearer than a larger step or model. Training loss below it, where validation loss never fell, was
# learnt by heart; less of a fall can be the luck of a few small splits.
FAR = 0.5
# Validation loss that ends this much above its lowest point has turned up; seeds alone move a
# mean of eight by less after smoothing. Training loss that rose by less of it has stayed, and a
# gap between the two that grew by as much of it has widened.
TURNED = 0.05
# Fall of the mean validation loss from the last tenth but one of the epochs to the last: a budget
# twice as long has ten more such tenths, so less than this promises less than five per cent.
STILL_FALLING = 0.005
# Share of the runs that must end "still improving" for the combination to be unfinished.
UNFINISHED_SHARE = 0.5
# Another combination of the study with both losses below this share of one's own shows that the
# data allow more; smaller differences are what the comparisons are for.
RIVAL = 0.5


@dataclass(frozen=True)
class Diagnosis:
    """A combination's diagnosis."""

    label: str
    name: str
    shape: CurveShape


def _is_diverging(c: CurveShape) -> bool:
    blown_up = c.train_end >= GROWN * c.train_lowest and c.train_end >= FAR * c.constant
    return c.diverged >= DIVERGED_SHARE or blown_up


def _is_not_learning(c: CurveShape) -> bool:
    """A loss without a fall, or with none that goes on: a slow one that does is underfitting."""
    valid_fell = c.valid_lowest < LEARNED * c.valid_constant
    fell = c.train_lowest < LEARNED * c.constant and (valid_fell or _is_learnt_by_heart(c))
    return not fell and not _still_falling(c)


def _is_overfitting(c: CurveShape) -> bool:
    """Validation turned up, away from training; or never fell where training did, by half."""
    never_fell = c.valid_lowest >= LEARNED * c.valid_constant and not _still_falling(c)
    return _turned_away(c) or (never_fell and _is_learnt_by_heart(c))


def _is_learnt_by_heart(c: CurveShape) -> bool:
    return c.train_end < FAR * c.constant


def _turned_away(c: CurveShape) -> bool:
    """From validation's lowest point on it rose above training, which did not rise with it."""
    rise, with_it = c.valid_end - c.valid_lowest, c.train_end - c.train_then
    much = TURNED * c.valid_lowest
    return c.valid_end > c.train_end and rise >= much and rise - with_it >= much >= with_it


def _is_unsteady(c: CurveShape) -> bool:
    """Validation rose from its lowest point, but with training or below it."""
    return c.valid_end - c.valid_lowest >= TURNED * c.valid_lowest


def _is_underfitting(c: CurveShape) -> bool:
    """Both losses high: still falling and far from done, or levelled off far above a rival."""
    slow = _still_falling(c) and c.train_end >= FAR * c.constant
    below = c.best_train <= RIVAL * c.train_end and c.best_valid <= RIVAL * c.valid_end
    return slow or (below and not _still_falling(c))


def _still_falling(c: CurveShape) -> bool:
    return c.unfinished >= UNFINISHED_SHARE and c.late_fall >= STILL_FALLING


RULES: dict[str, Callable[[CurveShape], bool]] = {
    DIVERGING: _is_diverging,
    UNKNOWN: lambda c: c.epochs == 0,
    NOT_LEARNING: _is_not_learning,
    OVERFITTING: _is_overfitting,
    UNSTEADY: _is_unsteady,
    UNDERFITTING: _is_underfitting,
    FINISH: _still_falling,
    GOOD: lambda c: True,
}


def diagnose(curves: CurveShape) -> str:
    """The name of the first rule that holds."""
    return next(name for name, holds in RULES.items() if holds(curves))


def diagnose_study(results: StudyRuns) -> list[Diagnosis]:
    """A diagnosis of each combination of a study, in its order."""
    shapes = with_rival({label: shape_of(results, label) for label in results.labels})
    return [Diagnosis(label, diagnose(shape), shape) for label, shape in shapes.items()]


def with_rival(shapes: Mapping[str, CurveShape]) -> dict[str, CurveShape]:
    """The shapes, by label, each with the ends of the best one by validation loss."""
    seen = [shape for shape in shapes.values() if shape.epochs]
    best = min(seen, key=lambda shape: shape.valid_lowest, default=None)
    if best is None:
        return dict(shapes)
    return {
        label: replace(shape, best_train=best.train_end, best_valid=best.valid_end)
        for label, shape in shapes.items()
    }


def write_diagnosis(results: StudyRuns, tried: Mapping[str, int], path: Path) -> list[Diagnosis]:
    """Write one row per combination and return the diagnoses.

    `tried` says of settings, by their last name, which way the study's best values lie (`ways`):
    nobody is advised to go the other way.
    """
    diagnoses = diagnose_study(results)
    rows = [
        {"combination": d.label, "diagnosis": d.name, "advice": advice(REMEDIES[d.name], tried)}
        | {name: x for name, x in vars(d.shape).items() if not name.startswith("best_")}
        for d in diagnoses
    ]
    write_table(path, pd.DataFrame(rows, dtype=object))
    return diagnoses


def advice(remedies: tuple[Remedy, ...], tried: Mapping[str, int]) -> str:
    """The remedies in a sentence, without those from which the study's best values lead away."""
    kept = [one.words for one in remedies if not one.opposes(tried)]
    return f"{sentence(listing(kept, 'or'))}." if kept else OTHERWISE


def way(before: Any, after: Any) -> int:
    """UP or DOWN, for numbers and for widths of layers by their sum; 0 for all else."""
    one, other = (sum(value) if isinstance(value, list) else value for value in (before, after))
    return (other > one) - (other < one)
