"""Blocks that come in kinds (optimiser, schedule, model) and the settings of each kind."""

import typing
from collections.abc import Mapping
from typing import Any

from labbook.params.studies import Recipe


def _fields() -> dict[str, dict[str, frozenset[str]]]:
    """Block -> kind -> names of its settings."""
    fields: dict[str, dict[str, frozenset[str]]] = {}
    for name, info in Recipe.model_fields.items():
        kinds = [one for one in typing.get_args(info.annotation) if hasattr(one, "model_fields")]
        if kinds:
            fields[name] = {
                k.model_fields["kind"].default: frozenset(k.model_fields) for k in kinds
            }
    return fields


FIELDS = _fields()


def of_kind(block: str, settings: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """Those settings of a block that its `kind` has, and those that no kind has: mistakes."""
    kinds = FIELDS.get(block, {})
    if not isinstance(kind, str) or kind not in kinds:
        return dict(settings)  # a mistake, to be named when the recipe is validated
    own, all_ = kinds[kind], frozenset().union(*kinds.values())
    return {name: value for name, value in settings.items() if name in own or name not in all_}


def fitting(base: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """`settings` (dotted paths) without those that the kind of their block does not have.

    `base` is the recipe's document, whose kinds hold where `settings` name none.
    """
    kept = {}
    for path, value in settings.items():
        block, _, name = path.partition(".")
        kind = settings.get(f"{block}.kind", _kind(settings.get(block)) or _kind(base.get(block)))
        if not name or of_kind(block, {name.partition(".")[0]: value}, kind):
            kept[path] = value
    return kept


def _kind(block: Any) -> Any:
    return block.get("kind") if isinstance(block, Mapping) else None
