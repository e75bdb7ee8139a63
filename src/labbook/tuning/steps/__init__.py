"""The steps by the names that their files have (plan/tunings.py has their order)."""

from collections.abc import Callable

from labbook.tuning.step import Before, Found
from labbook.tuning.steps.coarse import coarse_grid
from labbook.tuning.steps.curves import look_at_curves
from labbook.tuning.steps.fine import fine_grid
from labbook.tuning.steps.initial_loss import initial_loss
from labbook.tuning.steps.rate import find_rate
from labbook.tuning.steps.tiny_sample import tiny_sample

STEPS: dict[str, Callable[[Before], Found]] = {
    "initial-loss": initial_loss,
    "tiny-sample": tiny_sample,
    "rate": find_rate,
    "coarse": coarse_grid,
    "fine": fine_grid,
    "curves": look_at_curves,
}
