"""The steps by the names that their files have (plan/tunings.py has their order)."""

from collections.abc import Callable

from labbook.tuning.step import Before, Found
from labbook.tuning.steps.coarse import coarse_grid
from labbook.tuning.steps.curves import look_at_curves
from labbook.tuning.steps.finalists import choose_in_full
from labbook.tuning.steps.fine import fine_grid
from labbook.tuning.steps.initial_loss import loss_before_training
from labbook.tuning.steps.rate import find_rate
from labbook.tuning.steps.tiny_sample import learn_by_heart

STEPS: dict[str, Callable[[Before], Found]] = {
    "initial-loss": loss_before_training,
    "tiny-sample": learn_by_heart,
    "rate": find_rate,
    "coarse": coarse_grid,
    "fine": fine_grid,
    "finalists": choose_in_full,
    "curves": look_at_curves,
}
