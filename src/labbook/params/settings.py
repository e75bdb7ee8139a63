"""Settings as a study names them (`optimizer.rate`): given to a recipe, compared and shown."""

import typing
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from labbook.params.messages import nearest
from labbook.params.studies import Recipe


def _kinds() -> dict[str, dict[str, tuple[str, ...]]]:
    kinds: dict[str, dict[str, tuple[str, ...]]] = {}
    for block, info in Recipe.model_fields.items():
        for member in typing.get_args(info.annotation):
            if fields := getattr(member, "model_fields", None):
                names = tuple(name for name in fields if name != "kind")
                kinds.setdefault(block, {})[fields["kind"].default] = names
    return kinds


# Block of a recipe that comes in kinds (model, optimizer, schedule) -> kind -> its settings.
SETTINGS_OF = _kinds()


class NotABlockError(Exception):
    """A setting's path, the only argument, leads through something that has no parts."""


def given_to(recipe: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's document with `settings` put in.

    Where they change a block's kind, what the recipe says of its old kind alone is left out.
    Raises `NotABlockError`.
    """
    document = dict(recipe)
    for path, value in settings.items():
        _put(document, path, value)
    for block in {path.partition(".")[0] for path in settings if path.endswith(".kind")}:
        old, new = recipe.get(block), document[block]
        if isinstance(old, Mapping) and old.get("kind") != new["kind"]:
            document[block] = {
                name: value
                for name, value in new.items()
                if f"{block}.{name}" in settings or _goes_with(block, new["kind"], name)
            }
    return document


def changes(old: Recipe, new: Recipe) -> dict[str, tuple[Any, Any]]:
    """The settings that differ, by path, each with its old value (None: none) and its new one.

    Of a block of another kind the defaults that the old one did not have are left out.
    """
    found: dict[str, tuple[Any, Any]] = {}
    for block, values in new.model_dump(mode="json").items():
        before = getattr(old, block)
        before = before.model_dump(mode="json") if isinstance(before, BaseModel) else before
        if not isinstance(values, Mapping):
            found |= {block: (before, values)} if values != before else {}
            continue
        own = getattr(new, block).model_dump(mode="json", exclude_defaults=True).keys() | {"kind"}
        for name, value in sorted(values.items(), key=lambda pair: pair[0] != "kind"):
            if value != before.get(name) and (name in before or name in own):
                found[f"{block}.{name}"] = (before.get(name), value)
    return found


def with_setting(recipe: Recipe, path: str, value: Any) -> Recipe | None:
    """The recipe with one other value, as `optimizer.rate: 0.1` in a study; None: not allowed."""
    document = recipe.model_dump(mode="python")
    _put(document, path, value)
    try:
        return Recipe.model_validate(document)
    except ValidationError:
        return None


def fitting(recipe: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """`settings` without those that the kind of their block does not have.

    The kinds of the `recipe`'s document hold where `settings` name none.
    """

    def kind_of(block: str) -> Any:
        whole = (settings.get(block), recipe.get(block))  # a block may vary as a whole
        kinds = [value["kind"] for value in whole if isinstance(value, Mapping) and "kind" in value]
        return settings.get(f"{block}.kind", kinds[0] if kinds else None)

    fits = {}
    for path, value in settings.items():
        block, _, name = path.partition(".")
        if not name or _goes_with(block, kind_of(block), name.partition(".")[0]):
            fits[path] = value
    return fits


def unknown_block(path: str, refused: Collection[str]) -> str:
    """What is wrong with a setting of no block of a recipe, of which some are `refused`; or ""."""
    block, names = path.partition(".")[0], Recipe.model_fields
    if block in names:
        return ""
    return f"unknown name; {nearest(block, (name for name in names if name not in refused))}."


def matches(settings: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    """Whether a combination's settings have all the values that `selector` names."""
    return all(path in settings and settings[path] == value for path, value in selector.items())


def show_value(value: Any) -> str:
    """A setting's value as people write it: 64-16, 0.001, mlp."""
    if isinstance(value, Mapping):
        rest = [f"{k} {show_value(v)}" for k, v in value.items() if k != "kind"]
        return " ".join([str(value.get("kind", "")), *rest]).strip()
    if isinstance(value, list | tuple):
        return "-".join(show_value(v) for v in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    """Put a value in; the blocks on the way are copied, as others may share them."""
    *outer, last = path.split(".")
    for part in outer:
        block = document.get(part, {})
        if not isinstance(block, dict):
            raise NotABlockError(path)
        document[part] = dict(block)
        document = document[part]
    document[last] = value


def _goes_with(block: str, kind: Any, name: str) -> bool:
    """Whether a kind has this setting, or none has: a mistake, to be named by the validation."""
    kinds = SETTINGS_OF.get(block, {})
    if name == "kind" or not isinstance(kind, str) or kind not in kinds:
        return True
    return name in kinds[kind] or not any(name in names for names in kinds.values())
