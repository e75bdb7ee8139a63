"""When a run ends, and what its end is called."""

import math

from labbook.params.training import Training
from labbook.runs import CONVERGED, DIVERGED, STOPPED, UNFINISHED, USED_UP

LAST_SHARE = 0.1  # of the budget, at least one epoch: where improvement means "unfinished"
MARGIN = 1e-3  # relative fall of the validation loss that counts as improvement there


def ended_early(
    training: Training, train_loss: float, valid_loss: float, epoch: int, best_epoch: int
) -> str | None:
    """How a run ends after `epoch` (1, 2, ...), or None if it goes on.

    Diverged: a loss is not finite. Converged: the epoch's training loss is below the tolerance.
    Stopped early: as many epochs as `patience` have passed since the best validation loss.
    """
    if not (math.isfinite(train_loss) and math.isfinite(valid_loss)):
        return DIVERGED
    if training.tolerance is not None and train_loss < training.tolerance:
        return CONVERGED
    if training.patience is not None and epoch - best_epoch >= training.patience:
        return STOPPED
    return None


def ended_by_budget(valid_losses: list[float]) -> str:
    """How a run ends that has trained its whole budget: still improving or not.

    Still improving: the best validation loss of the last tenth of the epochs is below the best
    before it by more than a thousandth. A run of one epoch counts as still improving. A tolerance
    that was set and not reached changes nothing in this rule.
    """
    last = max(1, math.floor(len(valid_losses) * LAST_SHARE))
    before = min(valid_losses[:-last], default=math.inf)
    return UNFINISHED if min(valid_losses[-last:]) < before * (1 - MARGIN) else USED_UP
