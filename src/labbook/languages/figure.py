"""A figure in another language: its words, or those in its data as `figures.as_data` gives them."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from labbook.languages.language import Language

SAID = frozenset(
    ("title", "caption", "alt", "label", "name", "names", "legend", "captions", "text", "texts")
) | {"readouts", "sides", "whyNot"}


Part = TypeVar("Part")


def translated_figure(part: Part, words: Language) -> Part:
    """A figure with its words in a language: titles, names of axes and marks, readouts."""
    translated: Part = _translated(part, words)
    return translated


def _translated(data: Any, words: Language) -> Any:
    if is_dataclass(data) and not isinstance(data, type):
        parts = {field.name: getattr(data, field.name) for field in fields(data)}
        return replace(data, **_translated(parts, words))
    if isinstance(data, dict):
        return {
            key: _said(value, words) if key in SAID else _translated(value, words)
            for key, value in data.items()
        }
    if isinstance(data, list | tuple):
        return type(data)(_translated(value, words) for value in data)
    return data


def _said(value: Any, words: Language) -> Any:
    if isinstance(value, str):
        return words.text(value)
    if isinstance(value, dict):  # a legend: colours by what they mean
        return {words.text(name): color for name, color in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_said(part, words) for part in value)
    return value
