"""When a run ends, and what its end is called."""

import math
from collections.abc import Sequence

from labbook.params.training import Training
from labbook.training.runfile import CONVERGED, DIVERGED, STALLED, STOPPED, UNFINISHED, USED_UP

LAST_SHARE = 0.1  # of the budget, at least one epoch: where improvement means "unfinished"
MARGIN = 1e-3  # relative fall of a loss below which it counts as not having moved


def ended_early(
    training: Training,
    train_losses: Sequence[float],
    valid_losses: Sequence[float],
    best_epoch: int,
) -> str | None:
    """How a run ends after its last epoch, or None if it goes on; losses are those of all epochs.

    Diverged: a loss is not finite. Converged: the epoch's training loss is below the tolerance.
    Stopped early: as many epochs as `patience` have passed since the best validation loss.
    Stalled: see `is_stalled`. Where several hold, the first of these.
    """
    if not (math.isfinite(train_losses[-1]) and math.isfinite(valid_losses[-1])):
        return DIVERGED
    if training.tolerance is not None and train_losses[-1] < training.tolerance:
        return CONVERGED
    if training.patience is not None and len(valid_losses) - best_epoch >= training.patience:
        return STOPPED
    if training.stalled is not None and is_stalled(train_losses, training.stalled):
        return STALLED
    return None


def is_stalled(train_losses: Sequence[float], epochs: int) -> bool:
    """Whether the best training loss fell by less than a thousandth in the last `epochs` epochs."""
    if len(train_losses) <= epochs:
        return False
    return min(train_losses[-epochs:]) >= min(train_losses[:-epochs]) * (1 - MARGIN)


def ended_by_budget(valid_losses: list[float]) -> str:
    """How a run ends that has trained its whole budget: still improving or not.

    Still improving: the best validation loss of the last tenth of the epochs is below the best
    before it by more than a thousandth. A run of one epoch counts as still improving. A tolerance
    that was set and not reached changes nothing in this rule.
    """
    last = max(1, math.floor(len(valid_losses) * LAST_SHARE))
    before = min(valid_losses[:-last], default=math.inf)
    return UNFINISHED if min(valid_losses[-last:]) < before * (1 - MARGIN) else USED_UP
