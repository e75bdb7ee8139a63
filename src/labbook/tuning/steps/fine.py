"""Step 5: the best few of the coarse grid at finer rates, longer, with several seeds.

Twenty epochs, or 600 steps, or a fifth of the recipe's epochs, whatever is most; the rate constant,
and an end where the recipe's tolerance says that it has converged.
Short trainings want larger rates than long ones (Wu et al. 2018, "Understanding short-horizon bias
in stochastic meta-optimization"). The start's own rate and weight decay are among the settings,
unless its rate lies outside of those that step 3 went through. Chosen is what has the lowest
validation loss, the geometric mean over seeds.

A row a setting: `variant`, `rate`, `weight_decay`, `valid_loss` (geometric mean; None where a run
diverged), `low` and `high` (of its runs), `seeds`, `place` (1 is chosen), `chosen`.
Decided: `variant`, `rate`, `weight_decay` (chosen), `valid_loss`, `settings` (how many were
compared), `epochs`, `seeds` (of which).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labbook.params.studies import Recipe
from labbook.tuning.recipes import at, at_length, epochs_for, rounded, settings_text
from labbook.tuning.remedies import START, variants
from labbook.tuning.runs import (
    by_label,
    geometric,
    label_of,
    lowest_of,
    plain,
    rows_of,
    variant_of,
)
from labbook.tuning.step import Before, Found, Trial, Tried
from labbook.tuning.steps import curves
from labbook.wording import count, number

NAME = "fine"
FINER = (10**-0.25, 1.0, 10**0.25)  # times the rate
LOWEST, HIGHEST = 1e-5, 1e-1  # rates of step 3
EPOCHS, STEPS, SHARE = 20, 600, 0.2
SEEDS = 4


def trials(before: Before, chosen: list[dict[str, Any]]) -> Iterator[Trial]:
    """What is asked for this step: rates around the chosen ones, with several seeds."""
    places = {
        (one["variant"], rounded(one["rate"] * factor), one["weight_decay"]): None
        for one in chosen
        for factor in FINER
    }
    places |= dict.fromkeys(_own(before, [one["variant"] for one in chosen]))
    for seed in before.plan.choosing[:SEEDS]:
        for variant, rate, decay in places:
            recipe = trained(before, variant, rate, decay)
            yield Trial(label_of(variant, settings_text(rate, decay)), recipe, seed)


def _own(before: Before, carried: list[str]) -> Iterator[tuple[str, float, float]]:
    """The start's own values, where they can be compared with the others."""
    own = before.plan.recipe.optimizer
    if START in carried and LOWEST <= own.rate <= HIGHEST:
        yield START, own.rate, own.weight_decay


def trained(before: Before, variant: str, rate: float, decay: float) -> Recipe:
    """The recipe of a variant as this step trains it."""
    recipe = at(variants(before.plan.recipe)[variant], rate, decay)
    epochs = max(EPOCHS, round(SHARE * recipe.training.epochs))
    epochs = epochs_for(recipe, rows_of(before), epochs, STEPS)
    return at_length(recipe, epochs, tolerance=True)


@dataclass(frozen=True)
class _Setting:
    """A setting and its validation losses, a run each."""

    variant: str
    rate: float
    weight_decay: float
    losses: tuple[float, ...]

    @property
    def loss(self) -> float:
        return geometric(self.losses)


def fine_grid(before: Before) -> Found:
    """Step 5 of six; see the top of this module."""
    settings = [_setting(tried) for tried in by_label(before.tried).values()]
    ranked = sorted(settings, key=lambda one: (one.loss, one.rate, one.weight_decay))
    best, seeds = ranked[0], len(ranked[0].losses)
    rows = tuple(_row(one, place) for place, one in enumerate(ranked, 1))
    epochs = before.tried[0].trial.recipe.training.epochs
    chose = list(before.plan.choosing[:SEEDS])
    told = {
        "variant": best.variant,
        "rate": best.rate,
        "weight_decay": best.weight_decay,
        "valid_loss": plain(best.loss),
        "settings": len(ranked),
        "epochs": epochs,
        "seeds": chose,
    }
    said = f"{count(len(ranked), 'setting')}, {count(epochs, 'epoch')} each, "
    said += f"{count(seeds, 'seed')}. Chosen by the geometric mean of the validation loss: "
    said += f"{best.variant}, {settings_text(best.rate, best.weight_decay)}: {number(best.loss)}"
    if len(ranked) > 1:
        said += f"; the next has {number(ranked[1].loss)}"
    said += _at_the_edge(best, settings)
    place = (best.variant, best.rate, best.weight_decay)
    chosen = at(variants(before.plan.recipe)[best.variant], best.rate, best.weight_decay)
    short = trained(before, *place)
    asked = tuple(curves.trials(before, chosen, short, chose))
    return Found(NAME, f"{said}.", rows, told, asked=asked)


def _at_the_edge(best: _Setting, settings: list[_Setting]) -> str:
    """Whether the chosen rate is the largest or smallest that its variant was tried at."""
    rates = [one.rate for one in settings if one.variant == best.variant]
    for end, beyond in ((max(rates), "larger"), (min(rates), "smaller")):
        if best.rate == end and len(set(rates)) > 1:
            return f". No {beyond} rate was tried in this step, and one may be better"
    return ""


def _setting(tried: list[Tried]) -> _Setting:
    trial = tried[0].trial
    optimizer = trial.recipe.optimizer
    losses = tuple(lowest_of(one.record) for one in tried)
    return _Setting(variant_of(trial.label), optimizer.rate, optimizer.weight_decay, losses)


def _row(one: _Setting, place: int) -> Mapping[str, Any]:
    return {
        "variant": one.variant,
        "rate": one.rate,
        "weight_decay": one.weight_decay,
        "valid_loss": plain(one.loss),
        "low": plain(min(one.losses)),
        "high": plain(max(one.losses)),
        "seeds": len(one.losses),
        "place": place,
        "chosen": place == 1,
    }
