"""Step 5: the best few of the coarse grid at finer rates, longer, with several seeds.

Twenty epochs, or 600 steps, or a fifth of the recipe's epochs, whatever is most; the rate constant,
and an end where the recipe's tolerance says that it has converged. The start's own rate and weight
decay are among the settings, unless its rate lies outside of those that step 3 went through. First
is what has the lowest validation loss, smoothed, the geometric mean over seeds.

A row a setting: `variant`, `rate`, `weight_decay`, `valid_loss` (geometric mean; None where a run
diverged), `low` and `high` (of its runs), `seeds`, `place` (1 is first), `chosen` (the same).
Decided: `variant`, `rate`, `weight_decay` (of the first), `valid_loss`, `settings` (how many were
compared), `epochs`, `seeds` (of which).
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from labbook.params.studies import Recipe
from labbook.tuning.recipes import at_length, epochs_for, times
from labbook.tuning.runs import rows_of
from labbook.tuning.settings import (
    at_the_edge,
    best_two_text,
    chosen_values,
    own_settings,
    ranked,
    setting_rows,
    trials_at,
)
from labbook.tuning.step import Before, Found, Trial
from labbook.tuning.steps import finalists
from labbook.wording import count

NAME = "fine"
FINER = (10**-0.25, 1.0, 10**0.25)  # times the rate
EPOCHS, STEPS, SHARE = 20, 600, 0.2
SEEDS = 4


def trials(before: Before, chosen: list[dict[str, Any]]) -> Iterator[Trial]:
    """What is asked for this step: rates around the chosen ones, with several seeds."""
    places = {
        (one["variant"], times(one["rate"], factor), one["weight_decay"]): None
        for one in chosen
        for factor in FINER
    }
    places |= dict.fromkeys(own_settings(before, [one["variant"] for one in chosen]))
    seeds = before.plan.choosing[:SEEDS]
    return trials_at(before, places, seeds, partial(_shortened, before))


def _shortened(before: Before, recipe: Recipe) -> Recipe:
    epochs = max(EPOCHS, round(SHARE * recipe.training.epochs))
    epochs = epochs_for(recipe, rows_of(before), epochs, STEPS)
    return at_length(recipe, epochs, tolerance=True)


def fine_grid(before: Before) -> Found:
    """Step 5 of six; see the top of this module."""
    settings = ranked(before.tried)
    seeds, epochs = len(settings[0].losses), before.tried[0].trial.recipe.training.epochs
    told = {
        **chosen_values(settings[0]),
        "settings": len(settings),
        "epochs": epochs,
        "seeds": list(before.plan.choosing[:SEEDS]),
    }
    said = f"{count(len(settings), 'setting')}, {count(epochs, 'epoch')} each, "
    said += f"{count(seeds, 'seed')}. First by the geometric mean of the validation loss: "
    said += f"{best_two_text(settings)}{at_the_edge(settings)}."
    asked = tuple(finalists.trials(before, settings))
    return Found(NAME, said, setting_rows(settings), told, asked=asked)
