"""Settings that steps compare over several seeds: a variant, a rate, a weight decay."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labbook.params.studies import Recipe
from labbook.tuning.recipes import at, settings_text, spaced
from labbook.tuning.remedies import START, variants
from labbook.tuning.runs import (
    by_label,
    geometric,
    label_of,
    lowest_of,
    plain,
    variant_of,
    window_of,
)
from labbook.tuning.step import Before, Trial, Tried
from labbook.wording import number

Place = tuple[str, float, float]  # variant, rate, weight decay

RATES = spaced(1e-5, 1e-1)  # that step 3 goes through


@dataclass(frozen=True)
class Setting:
    """A setting and its lowest validation losses, a run each; infinite of a run that diverged."""

    variant: str
    rate: float
    weight_decay: float
    losses: tuple[float, ...]

    @property
    def place(self) -> Place:
        """Where it lies among settings."""
        return self.variant, self.rate, self.weight_decay

    @property
    def loss(self) -> float:
        """The geometric mean over seeds; infinite where a run diverged."""
        return geometric(self.losses)

    @property
    def lost(self) -> int:
        """How many of its runs diverged."""
        return sum(map(math.isinf, self.losses))

    @property
    def is_hopeless(self) -> bool:
        """Whether all of them did."""
        return self.lost == len(self.losses)

    @property
    def rank(self) -> tuple[float, ...]:
        """The smaller, the better: runs that diverged, the mean of the others, rate and decay."""
        others = [loss for loss in self.losses if math.isfinite(loss)]
        mean = geometric(others) if others else math.inf
        return self.lost, mean, self.rate, self.weight_decay

    def __str__(self) -> str:
        lost = f"diverged with {self.lost} of {len(self.losses)} seeds"
        said = lost if self.lost else number(self.loss)
        return f"{self.variant}, {settings_text(self.rate, self.weight_decay)}: {said}"


def trials_at(
    before: Before,
    places: Collection[Place],
    seeds: Iterable[int],
    shortened: Callable[[Recipe], Recipe] = lambda recipe: recipe,
) -> Iterator[Trial]:
    """Each of these settings with each of these seeds, in full unless recipes are `shortened`."""
    recipes = variants(before.plan.recipe)
    for seed in seeds:
        for variant, rate, decay in places:
            label = label_of(variant, settings_text(rate, decay))
            yield Trial(label, shortened(at(recipes[variant], rate, decay)), seed)


def ranked(tried: Sequence[Tried]) -> list[Setting]:
    """The settings of a step's runs, the best first; of equals the smaller rate."""
    window = window_of(tried)
    settings = [_setting(some, window) for some in by_label(tried).values()]
    return sorted(settings, key=lambda one: one.rank)


def _setting(tried: Sequence[Tried], window: int) -> Setting:
    trial = tried[0].trial
    optimizer = trial.recipe.optimizer
    losses = tuple(lowest_of(one.record, window) for one in tried)
    return Setting(variant_of(trial.label), optimizer.rate, optimizer.weight_decay, losses)


def own_settings(before: Before, carried: Iterable[str]) -> Iterator[Place]:
    """The start's own values, where they can be compared with the others."""
    own = before.plan.recipe.optimizer
    if START in carried and RATES[0] <= own.rate <= RATES[-1]:
        yield START, own.rate, own.weight_decay


def setting_rows(settings: Sequence[Setting]) -> tuple[Mapping[str, Any], ...]:
    """A row of each of the `settings`, the best of which is chosen."""
    return tuple(
        {
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
        for place, one in enumerate(settings, 1)
    )


def chosen_values(best: Setting) -> dict[str, Any]:
    """What a step decides that chose a setting."""
    values = {"variant": best.variant, "rate": best.rate, "weight_decay": best.weight_decay}
    return {**values, "valid_loss": plain(best.loss)}


def best_two_text(settings: Sequence[Setting]) -> str:
    """The best in words, and what is next."""
    return "; next is ".join(map(str, settings[:2]))


def at_the_edge(settings: Sequence[Setting], ends: Iterable[str] = ("larger", "smaller")) -> str:
    """Whether the best has the largest or smallest rate that its variant was tried at."""
    best = settings[0]
    rates = {one.rate for one in settings if one.variant == best.variant}
    for beyond, end in (("larger", max(rates)), ("smaller", min(rates))):
        if beyond in ends and best.rate == end and len(rates) > 1:
            return f". No {beyond} rate was tried in this step, and one may be better"
    return ""
