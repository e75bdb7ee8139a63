"""Settings that steps compare over several seeds: a variant, a rate, a weight decay."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labbook.tuning.recipes import settings_text
from labbook.tuning.remedies import START
from labbook.tuning.runs import by_label, geometric, lowest_of, plain, variant_of
from labbook.tuning.step import Before, Tried
from labbook.wording import number

Place = tuple[str, float, float]  # variant, rate, weight decay

SEEDS = 4  # of each setting
LOWEST, HIGHEST = 1e-5, 1e-1  # rates of step 3


@dataclass(frozen=True)
class Setting:
    """A setting and its lowest validation losses, a run each."""

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

    def __str__(self) -> str:
        return f"{self.variant}, {settings_text(self.rate, self.weight_decay)}"


def ranked(tried: Iterable[Tried]) -> list[Setting]:
    """The settings of a step's runs, the best first; of equals the smaller rate."""
    settings = [_setting(some) for some in by_label(tried).values()]
    return sorted(settings, key=lambda one: (one.loss, one.rate, one.weight_decay))


def _setting(tried: Sequence[Tried]) -> Setting:
    trial = tried[0].trial
    optimizer = trial.recipe.optimizer
    losses = tuple(lowest_of(one.record) for one in tried)
    return Setting(variant_of(trial.label), optimizer.rate, optimizer.weight_decay, losses)


def own_settings(before: Before, carried: Iterable[str]) -> Iterator[Place]:
    """The start's own values, where they can be compared with the others."""
    own = before.plan.recipe.optimizer
    if START in carried and LOWEST <= own.rate <= HIGHEST:
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


def chosen_text(settings: Sequence[Setting]) -> str:
    """The best in words, and how far the next is behind."""
    best, *others = settings
    said = f"{best}: {number(best.loss)}"
    return f"{said}; the next has {number(others[0].loss)}" if others else said


def at_the_edge(settings: Sequence[Setting], ends: Iterable[str] = ("larger", "smaller")) -> str:
    """Whether the best has the largest or smallest rate that its variant was tried at."""
    best = settings[0]
    rates = {one.rate for one in settings if one.variant == best.variant}
    for beyond, end in (("larger", max(rates)), ("smaller", min(rates))):
        if beyond in ends and best.rate == end and len(rates) > 1:
            return f". No {beyond} rate was tried in this step, and one may be better"
    return ""
