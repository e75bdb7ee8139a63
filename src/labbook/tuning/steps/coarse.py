"""Step 4: rates around the best one times weight decays 0, 1e-5, 1e-4 and 1e-3, few epochs.

Five epochs, or 300 steps where that is more; one seed, the same split for all. Settings are
compared by the lowest validation loss of the smoothed curve. The best few with different rates go
on, and of each variant its best: few epochs do not show what is slow and good, as plain gradient
descent may be beside Adam.

A row a setting: `variant`, `rate`, `weight_decay`, `valid_loss` (None where it diverged),
`train_loss`, `place` (1 is the best), `chosen` (whether it goes on).
Decided: `chosen` (a list of mappings variant, rate, weight_decay, the best first), `epochs`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labbook.tuning.recipes import at, at_length, epochs_for, settings_text
from labbook.tuning.remedies import variants
from labbook.tuning.runs import (
    by_label,
    end_of,
    label_of,
    lowest_of,
    plain,
    rows_of,
    variant_of,
    window_of,
)
from labbook.tuning.step import Before, Found, Trial, Tried
from labbook.tuning.steps import fine
from labbook.wording import count, number

NAME = "coarse"
WEIGHT_DECAYS = (0.0, 1e-5, 1e-4, 1e-3)
EPOCHS, STEPS = 5, 300
CHOSEN = 3


def trials(before: Before, rates: Mapping[str, list[float]]) -> Iterator[Trial]:
    """What is asked for this step: each variant at each of its rates and each weight decay."""
    recipes, seed = variants(before.plan.recipe), before.plan.choosing[0]
    for name, of_variant in rates.items():
        for rate in of_variant:
            for decay in WEIGHT_DECAYS:
                recipe = at(recipes[name], rate, decay)
                trained = at_length(recipe, epochs_for(recipe, rows_of(before), EPOCHS, STEPS))
                yield Trial(label_of(name, settings_text(rate, decay)), trained, seed)


@dataclass(frozen=True)
class _Setting:
    """A setting and what it came to."""

    variant: str
    rate: float
    weight_decay: float
    valid_loss: float
    train_loss: float


def coarse_grid(before: Before) -> Found:
    """Step 4 of six; see the top of this module."""
    window = window_of(before.tried)
    settings = [_setting(one, window) for (one,) in by_label(before.tried).values()]
    # Of equals the smaller rate, then the smaller weight decay: the weaker intervention.
    ranked = sorted(settings, key=lambda one: (one.valid_loss, one.rate, one.weight_decay))
    best, slow = _chosen(ranked)
    chosen = best + slow
    rows = tuple(_row(one, place, chosen) for place, one in enumerate(ranked, 1))
    epochs = before.tried[0].trial.recipe.training.epochs
    picked = [_named(one) for one in chosen]
    told = {"chosen": picked, "epochs": epochs}
    said = f"{count(len(ranked), 'setting')}, {count(epochs, 'epoch')} each. The best by "
    said += f"validation loss: {'; '.join(f'{one.variant}, {_text(one)}' for one in best)}."
    said += "".join(f" Of {one.variant} the best goes on, too: {_text(one)}." for one in slow)
    return Found(NAME, said, rows, told, asked=tuple(fine.trials(before, picked)))


def _text(one: _Setting) -> str:
    return f"{settings_text(one.rate, one.weight_decay)}: {number(one.valid_loss)}"


def _setting(one: Tried, window: int) -> _Setting:
    optimizer = one.trial.recipe.optimizer
    return _Setting(
        variant_of(one.trial.label),
        optimizer.rate,
        optimizer.weight_decay,
        lowest_of(one.record, window),
        end_of(one.record),
    )


def _chosen(ranked: list[_Setting]) -> tuple[list[_Setting], list[_Setting]]:
    """The best few with different rates, as weight decays are hardly told apart so early.

    And of each other variant that learns its best.
    """
    of_rate: dict[tuple[str, float], _Setting] = {}
    of_variant: dict[str, _Setting] = {}
    for one in ranked:
        of_rate.setdefault((one.variant, one.rate), one)
        if math.isfinite(one.valid_loss):
            of_variant.setdefault(one.variant, one)
    best = list(of_rate.values())[:CHOSEN]
    return best, [one for one in of_variant.values() if one not in best]


def _named(one: _Setting) -> dict[str, Any]:
    return {"variant": one.variant, "rate": one.rate, "weight_decay": one.weight_decay}


def _row(one: _Setting, place: int, chosen: list[_Setting]) -> dict[str, Any]:
    return {
        **_named(one),
        "valid_loss": plain(one.valid_loss),
        "train_loss": plain(one.train_loss),
        "place": place,
        "chosen": one in chosen,
    }
