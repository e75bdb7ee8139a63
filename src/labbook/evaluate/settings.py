"""The settings that a study varies, as texts for tables and people."""

import json
from typing import Any

from labbook.evaluate.results import Results
from labbook.plan.studies import Combination


def setting_names(results: Results) -> tuple[str, ...]:
    """Dotted paths of the settings that vary, in the order of their first appearance."""
    names = (name for one in results.study.combinations for name in one.settings)
    return tuple(dict.fromkeys(names))


def setting_texts(results: Results) -> dict[str, tuple[str, ...]]:
    """The settings of each combination as texts, one per name of `setting_names`, by label.

    One that a combination does not vary has its recipe's value.
    """
    names = setting_names(results)
    return {one.label: _texts(one, names) for one in results.study.combinations}


def setting_text(value: Any) -> str:
    """A setting's value for people: 32-16-8 for a list, otherwise as JSON writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and not any(isinstance(v, list | dict) for v in value):
        return "-".join(setting_text(one) for one in value)
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    return "" if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _texts(one: Combination, names: tuple[str, ...]) -> tuple[str, ...]:
    recipe = one.recipe.model_dump(mode="json")
    return tuple(
        setting_text(one.settings[name] if name in one.settings else _look_up(recipe, name))
        for name in names
    )


def _look_up(tree: Any, path: str) -> Any:
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree
