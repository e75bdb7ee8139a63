"""What a tuning chose, and whether it is to be written into its recipe: one rule for all."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from labbook.params.settings import given_to, show_value
from labbook.params.studies import Recipe
from labbook.tuning.recipes import settings_text
from labbook.verdicts import SAME, WORSE

IS_WORSE = "what it chose is worse than {than} on test rows, so it is not written"
DIVERGED = "all runs of what it chose diverged, so it is not written"
NOTHING_LEARNT = "the network that it chose has learnt hardly anything, so it is not written"
NO_CHANGE = "chose what {recipe} has already; nothing to write"


def kept_back(decided: Mapping[str, Any], changed: Collection[Any]) -> str:
    """Why what the last step decided is not to be written; empty where it is.

    `changed` are the settings that it would change. Of the text's places, `than` is the recipe
    that the outcome was compared with, `recipe` the one to be written.
    """
    if decided["verdict"] == WORSE:
        return IS_WORSE
    if decided.get("n") == 0:  # pairs, of which the better side has a number
        return DIVERGED
    if learnt_nothing(decided):
        return NOTHING_LEARNT
    return "" if changed else NO_CHANGE


def learnt_nothing(decided: Mapping[str, Any]) -> bool:
    """Whether the loss of what was chosen hardly fell below that of the best constant."""
    return not decided.get("learns", True)


def chosen_recipe(start: Recipe, decided: Mapping[str, Any]) -> Recipe:
    """The recipe that the last step of a tuning from `start` ended with."""
    if "recipe" in decided:
        return Recipe.model_validate(decided["recipe"])
    document = start.model_dump(exclude_unset=True)
    return Recipe.model_validate(given_to(document, decided["settings"]))


def kept_values(steps: Sequence[Mapping[str, Any]]) -> str:
    """The values of a tuning that chose what it is compared with, in words; empty for others.

    `steps` are the files of its steps, none of them stopped.
    """
    decided = {step["step"]: step["decided"] for step in steps}
    if not steps or steps[-1]["decided"].get("verdict") != SAME:
        return ""
    if "finalists" in decided:
        best = decided["finalists"]
        return settings_text(best["rate"], best["weight_decay"], best["variant"])
    settings = steps[-1]["decided"]["settings"]
    return ", ".join(f"{name} {show_value(value)}" for name, value in settings.items())
