"""The values of a params.yaml by dotted path, read quickly for many commits.

To parse a thousand lines takes a tenth of a second, and from commit to commit few lines change: so
blocks are parsed one by one, each text once.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ruamel.yaml.error import YAMLError

from labbook.documents import parse

TOP = re.compile(r"(?m)^(?=[^\s#-])")  # where a top-level key begins
INNER = re.compile(r"(?m)^(?=  [^\s#-])")  # where a key of its block begins
BLOCK = re.compile(r"([\w-]+):[ \t]*(?:#.*)?")  # a key whose block is below it


def flat_settings(text: str) -> dict[str, str]:
    """Dotted paths and values as texts; what a list holds is named by its `id` if it has one.

    Of a file that cannot be read, as somebody may have committed it, the reason why.
    """
    try:
        return dict(_by_blocks(text))
    except (YAMLError, ValueError):  # anchors, or a value that goes on at the margin
        pass
    try:
        return dict(_flat(_load(text), ""))
    except (YAMLError, ValueError) as error:
        return {"params.yaml": f"cannot be read ({getattr(error, 'problem', None) or error})"}


def document(text: str) -> dict[str, Any]:
    """What a params.yaml says, in plain values that are not to change.

    Raises ruamel's YAMLError or ValueError for a text that is no such file.
    """
    whole: dict[str, Any] = {}
    try:
        for key, value in _blocks(text):
            if key:
                whole[key] = {**whole.get(key, {}), **value}
            else:
                whole |= value
    except (YAMLError, ValueError, TypeError):  # anchors, or a value that goes on at the margin
        whole = _load(text)
    if not isinstance(whole, Mapping):
        raise ValueError("no blocks")
    return dict(whole)


def _by_blocks(text: str) -> Iterator[tuple[str, str]]:
    for key, value in _blocks(text):
        yield from _flat(value, key)


def _blocks(text: str) -> Iterator[tuple[str, Any]]:
    """The values of all blocks, each with the top-level key that it is under, if it is."""
    for part in TOP.split(text):
        head, _, below = part.partition("\n")
        key = BLOCK.fullmatch(head)
        blocks = INNER.split(below) if key else []
        values = [value for value in map(_load, blocks) if value is not None]
        if key and values:
            yield from ((key[1], value) for value in values)
        elif (value := _load(part)) is not None:
            yield "", value


@cache
def _load(text: str) -> Any:
    return parse(text)


def _flat(given: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(given, Mapping) and given:
        for key, inner in given.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(given, list) and given and all(isinstance(item, Mapping) for item in given):
        for place, inner in enumerate(given):
            yield from _flat(inner, f"{path}[{inner.get('id', place)}]")
    elif path:
        yield path, given if isinstance(given, str) else json.dumps(given, default=str)
