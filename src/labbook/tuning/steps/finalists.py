"""Step 6, first half: the best few of the fine grid in full; one of them is chosen.

As the recipe says: its epochs, patience and schedule. Short trainings want larger rates than long
ones (Wu et al. 2018, "Understanding short-horizon bias in stochastic meta-optimization"), and a
network that is ahead after a fifth of the epochs need not stay ahead. So of each variant the best
of the fine grid is trained, with a third of its rate, too, and the start's own values where they
were in that grid; with the seeds that chose before and as many more. Chosen is what has the lowest
validation loss, smoothed, the geometric mean over seeds.

Rows and what is decided are as in fine.py; `settings` counts those of both steps.
"""

from collections.abc import Iterator, Sequence

from labbook.tuning.recipes import at, rounded, settings_text
from labbook.tuning.remedies import variants
from labbook.tuning.runs import label_of
from labbook.tuning.settings import (
    Place,
    Setting,
    at_the_edge,
    chosen_text,
    chosen_values,
    own_settings,
    ranked,
    setting_rows,
)
from labbook.tuning.step import Before, Found, Trial
from labbook.tuning.steps import curves
from labbook.wording import count

NAME = "finalists"
LOWER = (1.0, 10**-0.5)  # times the rate


def trials(before: Before, settings: Sequence[Setting]) -> Iterator[Trial]:
    """What is asked for this step, of `settings` of the fine grid, the best first."""
    for seed in before.plan.choosing:
        for variant, rate, decay in _places(before, settings):
            recipe = at(variants(before.plan.recipe)[variant], rate, decay)
            yield Trial(label_of(variant, settings_text(rate, decay)), recipe, seed)


def _places(before: Before, settings: Sequence[Setting]) -> list[Place]:
    best = {one.variant: one for one in reversed(settings)}
    places = [
        (one.variant, rounded(one.rate * factor), one.weight_decay)
        for one in best.values()
        for factor in LOWER
    ]
    return list(dict.fromkeys([*places, *own_settings(before, best)]))


def choose_in_full(before: Before) -> Found:
    """The first half of step 6 of six; see the top of this module."""
    settings = ranked(before.tried)
    best, seeds = settings[0], before.plan.choosing
    fine = before.found["fine"].rows
    places = {(row["variant"], row["rate"], row["weight_decay"]) for row in fine}
    told = {
        **chosen_values(best),
        "settings": len(places | {one.place for one in settings}),
        "epochs": before.plan.recipe.training.epochs,
        "seeds": list(seeds),
    }
    said = f"{count(len(settings), 'setting')} as the recipe trains, {count(len(seeds), 'seed')}. "
    said += "Chosen by the geometric mean of the validation loss: "
    said += f"{chosen_text(settings)}{at_the_edge(settings, ['smaller'])}."
    chosen = at(variants(before.plan.recipe)[best.variant], best.rate, best.weight_decay)
    asked = tuple(curves.trials(before, chosen, seeds))
    return Found(NAME, said, setting_rows(settings), told, asked=asked)
