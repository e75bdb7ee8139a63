"""What a combination's learning curves say: a diagnosis by rules, and what to do about it.

The rules look at the mean curve over seeds, smoothed, and at how the runs ended. They are asked
in the order of `RULES`; the first that holds gives the diagnosis. docs/evidence.md has them in
words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter1d

from labbook.evaluate.curves import log_losses
from labbook.evaluate.results import Results
from labbook.evaluate.tables import write_table
from labbook.runs import DIVERGED, DIVERGENCES, UNFINISHED

DIVERGING = "diverging"
NOT_LEARNING = "not learning"
OVERFITTING = "overfitting"
UNDERFITTING = "underfitting"
FINISH = "unfinished"
GOOD = "good"
UNKNOWN = "unknown"

# What to do, by diagnosis.
ADVICE = {
    DIVERGING: "Lower the learning rate; clip the gradient (training.clip).",
    NOT_LEARNING: "Raise the learning rate or enlarge the model; check that the features tell "
    "something about the target.",
    OVERFITTING: "Regularise (weight decay, dropout), take a smaller model or more data; stop "
    "early with training.patience.",
    UNDERFITTING: "Take a larger model, a larger learning rate or less regularisation.",
    FINISH: "Raise the budget, training.epochs.",
    GOOD: "Go on: vary something else.",
    UNKNOWN: "No curve to judge by.",
}

# A mean curve is smoothed over this share of its epochs: the lowest point of a jagged curve is
# lower, and its rise from there larger, than chance explains.
SMOOTHED = 0.05
# Share of diverged runs that makes it a property of the setting: one seed in eight may be bad
# luck, and is named in the report anyway; two are not.
DIVERGED_SHARE = 0.25
# A training loss that ends at twice its lowest value, and above half of what a constant
# prediction has, was thrown out: a factor of 2 is more than Adam's small jumps leave after
# smoothing, and jumps near 0 do not matter.
GROWN = 2.0
# Losses are measured against the best constant prediction. Five per cent below it is no more than
# the mean of a few groups would give.
LEARNED = 0.95
# Above half of the constant prediction's loss most of the way is still to go: waiting for it is
# dearer than a larger step or model.
FAR = 0.5
# Validation loss that ends this much above its lowest point has turned up; seeds alone move a
# mean of eight by less after smoothing.
TURNED = 1.05
# Fall of the mean validation loss from the last tenth but one of the epochs to the last: a budget
# twice as long has ten more such tenths, so less than this promises less than five per cent.
STILL_FALLING = 0.005
LAST_SHARE = 0.1
# Share of the runs that must end "still improving" for the combination to be unfinished.
UNFINISHED_SHARE = 0.5
# Another combination of the study with both losses below this share of one's own shows that the
# data allow more; smaller differences are what the comparisons are for.
RIVAL = 0.5


@dataclass(frozen=True)
class Curves:
    """The figures that a diagnosis rests on; losses in the units of training, of mean curves.

    `diverged` and `unfinished` are shares of `runs`; `constant` is the training loss of the best
    constant prediction; `late_fall` is the share by which the mean validation loss fell from the
    last but one to the last tenth of the epochs (negative: it rose). NaN where no run has a curve.
    `best_train` and `best_valid` are ends of the study's best curve by validation loss.
    """

    runs: int
    diverged: float
    unfinished: float
    epochs: int = 0
    constant: float = float("nan")
    train_lowest: float = float("nan")
    train_end: float = float("nan")
    valid_lowest: float = float("nan")
    valid_lowest_epoch: int = 0
    valid_end: float = float("nan")
    late_fall: float = float("nan")
    best_train: float = float("nan")
    best_valid: float = float("nan")


@dataclass(frozen=True)
class Diagnosis:
    """A combination's diagnosis; `advice` says what to do about it."""

    label: str
    name: str
    curves: Curves

    @property
    def advice(self) -> str:
        """What to do, in a sentence."""
        return ADVICE[self.name]


def _is_diverging(c: Curves) -> bool:
    blown_up = c.train_end >= GROWN * c.train_lowest and c.train_end >= FAR * c.constant
    return c.diverged >= DIVERGED_SHARE or blown_up


def _is_not_learning(c: Curves) -> bool:
    """No fall, or none that goes on: a slow one that does is underfitting."""
    return c.train_lowest >= LEARNED * c.constant and not _still_falling(c)


def _is_overfitting(c: Curves) -> bool:
    """Training falls; validation turned up, or ended without ever beating a constant."""
    never_learned = c.valid_lowest >= LEARNED * c.constant and not _still_falling(c)
    return c.valid_end >= TURNED * c.valid_lowest or never_learned


def _is_underfitting(c: Curves) -> bool:
    """Both losses high: still falling and far from done, or levelled off far above a rival."""
    slow = _still_falling(c) and c.train_end >= FAR * c.constant
    below = c.best_train <= RIVAL * c.train_end and c.best_valid <= RIVAL * c.valid_end
    return slow or (below and not _still_falling(c))


def _still_falling(c: Curves) -> bool:
    return c.unfinished >= UNFINISHED_SHARE and c.late_fall >= STILL_FALLING


RULES: dict[str, Callable[[Curves], bool]] = {
    DIVERGING: _is_diverging,
    UNKNOWN: lambda c: c.epochs == 0,
    NOT_LEARNING: _is_not_learning,
    OVERFITTING: _is_overfitting,
    UNDERFITTING: _is_underfitting,
    FINISH: _still_falling,
    GOOD: lambda c: True,
}


def diagnose(curves: Curves) -> str:
    """The name of the first rule that holds."""
    return next(name for name, holds in RULES.items() if holds(curves))


def diagnose_study(results: Results) -> list[Diagnosis]:
    """A diagnosis of each combination of a study, in its order."""
    constants = {seed: constant_loss(results, seed) for seed in results.study.seeds}
    found = {label: _curves_of(results, label, constants) for label in results.labels}
    seen = [one for one in found.values() if one.epochs]
    best = min(seen, key=lambda one: one.valid_lowest, default=None)
    if best is not None:
        found = {
            label: replace(one, best_train=best.train_end, best_valid=best.valid_end)
            for label, one in found.items()
        }
    return [Diagnosis(label, diagnose(one), one) for label, one in found.items()]


def mean_curve(logarithms: np.ndarray) -> np.ndarray:
    """The smoothed geometric mean of losses given by their logarithms (runs, epochs).

    It ends where half of the runs have ended; until there a run that ended keeps its last value,
    so that the curve does not jump when a run drops out.
    """
    lengths = np.isfinite(logarithms).sum(axis=1)  # NaN stands behind the end alone
    end = int(np.median(lengths))
    last = np.minimum(np.arange(end), lengths[:, None] - 1)  # (runs, epochs)
    mean = np.take_along_axis(logarithms, last, axis=1).mean(axis=0)
    window = max(1, round(end * SMOOTHED))
    return np.asarray(np.exp(uniform_filter1d(mean, window, mode="nearest")))


def figures(train: np.ndarray, valid: np.ndarray, known: Curves) -> Curves:
    """`known` with what follows from smoothed mean losses (epochs,)."""
    tenth = max(1, int(len(valid) * LAST_SHARE))
    last, before = valid[-tenth:], valid[-2 * tenth : -tenth]
    # A single epoch is as good as a fall: nothing is known of what comes next.
    late_fall = 1 - last.mean() / before.mean() if len(before) else 1.0
    return replace(
        known,
        epochs=len(valid),
        train_lowest=float(train.min()),
        train_end=float(train[-1]),
        valid_lowest=float(valid.min()),
        valid_lowest_epoch=int(valid.argmin()) + 1,
        valid_end=float(valid[-1]),
        late_fall=float(late_fall),
    )


def constant_loss(results: Results, seed: int) -> float:
    """Training loss of the best constant prediction: variance, or entropy of the classes (nats)."""
    split = results.prepared.split(seed)
    target = results.prepared.target[split.train]
    if results.study.task == "regression":
        return float(np.var(target / split.target_scale))
    shares = np.unique(target, return_counts=True)[1] / len(target)
    return float(-(shares * np.log(shares)).sum())


def write_diagnosis(results: Results, path: Path) -> list[Diagnosis]:
    """Write one row per combination and return what was found."""
    found = diagnose_study(results)
    names = [name for name in Curves.__dataclass_fields__ if not name.startswith("best_")]
    rows = [
        [one.label, one.name, one.advice, *(getattr(one.curves, name) for name in names)]
        for one in found
    ]
    write_table(path, ["combination", "diagnosis", "advice", *names], rows)
    return found


def _curves_of(results: Results, label: str, constants: Mapping[int, float]) -> Curves:
    seeds = results.study.seeds
    ended = {seed: results.records[label, seed].ended for seed in seeds}
    shares = [
        sum(e in kinds for e in ended.values()) / len(seeds)
        for kinds in (DIVERGENCES, (UNFINISHED,))
    ]
    known = Curves(len(seeds), shares[0], shares[1])
    finished = [seed for seed in seeds if ended[seed] != DIVERGED]
    train, valid = log_losses(results, label, finished)
    if train.size == 0 or train.shape != valid.shape:
        return known
    constant = float(np.mean([constants[seed] for seed in finished]))
    return figures(mean_curve(train), mean_curve(valid), replace(known, constant=constant))
