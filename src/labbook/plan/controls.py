"""Controls: what a study's reference is trained as besides, to see that its evidence holds.

They are no combinations of the study: no table, choice, claim or importance knows of them.
"""

from dataclasses import dataclass
from typing import Any

from labbook.params.combinations import Combination
from labbook.params.redraws import ALL, REDRAW, redrawn, streams_of
from labbook.params.studies import Recipe
from labbook.verdicts import CONTROL_SEEDS

ITSELF = "itself"  # the reference again, with all that chance decides in training drawn anew
SHUFFLED = "shuffled target"  # the reference, of whose target nothing can be learnt
CONTROLS = (ITSELF, SHUFFLED)


@dataclass(frozen=True)
class Controls:
    """What controls a study has, with its first seeds; `left_out`: whether it asked for another.

    It is left out where it would give the same numbers by construction. Empty without controls.
    """

    combinations: tuple[Combination, ...] = ()
    seeds: tuple[int, ...] = ()
    left_out: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Which of CONTROLS there are."""
        return tuple(combination.label for combination in self.combinations)


NONE = Controls()


def controls_of(reference: Recipe, seeds: tuple[int, ...]) -> Controls:
    """The controls of a study with this reference, on as many of its seeds as their tests need."""
    settings: dict[str, dict[str, Any]] = {
        ITSELF: {REDRAW: ALL},
        SHUFFLED: {"training.shuffled_target": True},
    }
    anew = set(streams_of(reference)) - redrawn(reference)  # what a twin draws otherwise
    if not anew:
        del settings[ITSELF]
    combinations = tuple(
        Combination(label, changed, _changed(reference, changed))
        for label, changed in settings.items()
    )
    return Controls(combinations, seeds[:CONTROL_SEEDS], left_out=not anew)


def _changed(recipe: Recipe, settings: dict[str, Any]) -> Recipe:
    names = {path.partition(".")[2]: value for path, value in settings.items()}
    training = recipe.training.model_copy(update=names)
    return recipe.model_copy(update={"training": training})
