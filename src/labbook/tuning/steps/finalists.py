"""Step 6, first half: the best few of the fine grid in full; one of them is chosen.

Short trainings want larger rates than long ones (Wu et al. 2018, "Understanding short-horizon bias
in stochastic meta-optimization"), and a network that is ahead after a fifth of the epochs need not
stay ahead. So these are trained as the recipe says, its patience and schedule included: of each
variant the best of the fine grid, at its rate and at a third of it; the start's own values, where
they were in that grid. With all seeds that choose: those of the grid and as many more. Chosen is
what diverged least often, then what has the lowest validation loss, smoothed, the geometric mean
over seeds.

Rows and what is decided are as in fine.py; `settings` counts those of both steps, `finalists` those
of this one. The way ends here where all runs diverged.
"""

from collections.abc import Iterator, Sequence

from labbook.tuning.recipes import at, times
from labbook.tuning.remedies import variants
from labbook.tuning.settings import (
    Place,
    Setting,
    at_the_edge,
    best_two_text,
    chosen_values,
    own_settings,
    ranked,
    setting_rows,
    trials_at,
)
from labbook.tuning.step import Before, Found, Trial
from labbook.tuning.steps import curves
from labbook.wording import count

NAME = "finalists"
LOWER = (1.0, 10**-0.5)  # times the rate
DIVERGED = (
    "All finalists diverged in the full training with all seeds, though shorter trainings did not. "
    "Set `training.clip`; `training.patience`, so that a training ends before; or a `schedule` by "
    "which the rate falls."
)


def trials(before: Before, settings: Sequence[Setting]) -> Iterator[Trial]:
    """What is asked for this step, of `settings` of the fine grid, the best first."""
    return trials_at(before, _places(before, settings), before.plan.choosing)


def _places(before: Before, settings: Sequence[Setting]) -> list[Place]:
    best = {one.variant: one for one in reversed(settings)}
    fewest = settings[0].lost  # a variant that diverged more often is not tried in full
    places = [
        (one.variant, times(one.rate, factor), one.weight_decay)
        for one in best.values()
        for factor in LOWER
        if one.lost == fewest
    ]
    return list(dict.fromkeys([*places, *own_settings(before, best)]))


def choose_in_full(before: Before) -> Found:
    """The first half of step 6 of six; see the top of this module."""
    settings, seeds = ranked(before.tried), list(before.plan.choosing)
    best, rows = settings[0], setting_rows(settings)
    said = f"{count(len(settings), 'setting')} as the recipe trains, {count(len(seeds), 'seed')}. "
    if best.is_hopeless:
        return Found(NAME, f"{said}All runs diverged.", rows, stopped=DIVERGED)
    fine = before.found["fine"].rows
    places = {(row["variant"], row["rate"], row["weight_decay"]) for row in fine}
    told = {
        **chosen_values(best),
        "settings": len(places | {one.place for one in settings}),
        "finalists": len(settings),
        "epochs": before.plan.recipe.training.epochs,
        "seeds": seeds,
    }
    said += "Chosen by the geometric mean of the validation loss: "
    smaller = any(variant == best.variant and rate < best.rate for variant, rate, _ in places)
    edge = "" if smaller else at_the_edge(settings, ["smaller"])
    said += f"{best_two_text(settings)}{edge}."
    chosen = at(variants(before.plan.recipe)[best.variant], best.rate, best.weight_decay)
    return Found(NAME, said, rows, told, asked=tuple(curves.trials(before, chosen, seeds)))
