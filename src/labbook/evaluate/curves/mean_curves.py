"""The mean curves of a combination, and the figures that its diagnosis rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from scipy.ndimage import uniform_filter1d

from labbook.evaluate.curves.curves import log_losses
from labbook.evaluate.results import Results
from labbook.training.runfile import DIVERGED, DIVERGENCES, UNFINISHED

# A mean curve is smoothed over this share of its epochs: the lowest point of a jagged curve is
# lower, and its rise from there larger, than chance explains.
SMOOTHED = 0.05
# A spike, as Adam makes them, that stands at the end by chance does not count: a curve ends no
# higher than the median of this share of its epochs.
LAST_SHARE = 0.1


@dataclass(frozen=True)
class Curves:
    """The figures that a diagnosis rests on; losses in the units of training, of mean curves.

    `diverged` and `unfinished` are shares of `runs`; `constant` is the training loss of the best
    constant prediction, `valid_constant` its validation loss; `train_then` is the training loss
    where validation's was lowest; `late_fall` is the share by which the mean validation loss fell
    from the last but one to the last tenth of the epochs (negative: it rose). NaN where no run has
    a curve.
    `best_train` and `best_valid` are ends of the study's best curve by validation loss.
    """

    runs: int
    diverged: float
    unfinished: float
    epochs: int = 0
    constant: float = float("nan")
    valid_constant: float = float("nan")
    train_lowest: float = float("nan")
    train_end: float = float("nan")
    valid_lowest: float = float("nan")
    valid_lowest_epoch: int = 0
    train_then: float = float("nan")
    valid_end: float = float("nan")
    late_fall: float = float("nan")
    best_train: float = float("nan")
    best_valid: float = float("nan")


def curves_of(results: Results, label: str, constants: Mapping[int, tuple[float, float]]) -> Curves:
    """The figures of a combination; `constants` are the `constant_losses` of every seed."""
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
    means = stats.gmean([constants[seed] for seed in finished]).tolist()  # as of the curves
    known = replace(known, constant=means[0], valid_constant=means[1])
    return figures(mean_curve(train), mean_curve(valid), known)


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
    before, lowest = valid[-2 * tenth : -tenth], int(valid.argmin())
    train_end, valid_end = (float(min(one[-1], np.median(one[-tenth:]))) for one in (train, valid))
    # A single epoch is as good as a fall: nothing is known of what comes next.
    late_fall = 1 - float(np.median(valid[-tenth:]) / np.median(before)) if len(before) else 1.0
    return replace(
        known,
        epochs=len(valid),
        train_lowest=float(train.min()),
        train_end=train_end,
        valid_lowest=float(valid[lowest]),
        valid_lowest_epoch=lowest + 1,
        train_then=float(train[lowest]),
        valid_end=valid_end,
        late_fall=late_fall,
    )
