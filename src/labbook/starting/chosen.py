"""Writes other values into a recipe of params.yaml: comments and all other lines stay."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from labbook.documents import parse
from labbook.errors import LabbookError
from labbook.params.settings import changes
from labbook.params.studies import Recipe
from labbook.starting.insertion import last_line
from labbook.starting.writing import read_text_as, told
from labbook.starting.yaml_lines import scalar


@dataclass(frozen=True)
class _Edit:
    """What is put in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def with_recipe(path: Path, text: str, name: str, old: Recipe, new: Recipe) -> str:
    """The text of the params file at `path` whose recipe `name`, `old` as it is, is `new`.

    Raises `LabbookError` where the recipe is written in a way that values cannot be put into, and
    where something in the file would not go with it.
    """
    recipe, before = _recipe(path, text, name), text
    edits = list(_edits(text, recipe, old, new))
    edits.reverse()  # from the end, so that places before stay; at one place the later goes after
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    if _others(before, name) != _others(text, name):
        raise LabbookError(
            f"{path}: recipes.{name} shares its values with another recipe; {_BY_HAND}"
        )
    reading = read_text_as(path, text)
    if reading.mistakes:
        raise LabbookError(
            f"Nothing was written, as this would come out:\n{told(path, reading, reading.mistakes)}"
        )
    if reading.sound.recipes[name] != new:
        raise LabbookError(f"{path}: nothing can be put into recipes.{name}; {_BY_HAND}")
    return text


def lost_comments(before: str, after: str) -> list[str]:
    """The comments of a params file that are no longer there, as its lines went."""
    counts = (Counter(re.findall(r"(?m)(?:^|(?<=\s))#[^\r\n]*", text)) for text in (before, after))
    return list((next(counts) - next(counts)).elements())


_BY_HAND = "write the values shown above there by hand."


def _others(text: str, name: str) -> Any:
    """What the text says but for this recipe."""
    document = parse(text)
    return {
        **document,
        "recipes": {key: one for key, one in document["recipes"].items() if key != name},
    }


def _recipe(path: Path, text: str, name: str) -> MappingNode:
    """Where the recipe stands. Raises `LabbookError` where this file does not have it."""
    node = YAML(typ="rt").compose(text)
    for key in ("recipes", name):
        node = _values(node).get(key) if isinstance(node, MappingNode) else None
    if not isinstance(node, MappingNode):
        raise LabbookError(
            f"{path}: the recipe {name} does not stand in this file but in one that it extends; "
            "write the values there by hand, as shown above."
        )
    return node


def _values(node: MappingNode) -> dict[str, Node]:
    return {key.value: value for key, value in node.value}


def _edits(text: str, recipe: MappingNode, old: Recipe, new: Recipe) -> Iterator[_Edit]:
    """What has to change in each block of the recipe."""
    written, whole = _values(recipe), {}
    for name in dict.fromkeys(path.partition(".")[0] for path in changes(old, new)):
        before, after, node = getattr(old, name), getattr(new, name), written.get(name)
        if not isinstance(after, BaseModel):
            whole[name] = after
        elif type(before) is type(after) and isinstance(node, MappingNode):
            values, had = (one.model_dump(mode="json") for one in (after, before))
            yield from _put(text, node, {k: v for k, v in values.items() if v != had.get(k)})
        elif isinstance(node, MappingNode) and not node.flow_style:
            yield from _other_kind(text, node, before, after)
        else:  # another kind in braces, or a block that is not there
            whole[name] = _said(after)
    yield from _put(text, recipe, whole)


def _said(block: BaseModel) -> dict[str, Any]:
    """What has to be written of a block: its kind, and what is not as usual."""
    kind = {"kind": block.kind} if hasattr(block, "kind") else {}
    return kind | block.model_dump(mode="json", exclude_defaults=True)


def _other_kind(text: str, node: MappingNode, before: Any, after: BaseModel) -> Iterator[_Edit]:
    """Another kind in a block of lines: those whose key it has stay, with their comments."""
    written, values = _values(node), after.model_dump(mode="json")
    had = {} if before is None else before.model_dump(mode="json")
    stay = {k: v for k, v in values.items() if k in written and v != had.get(k)}
    yield from _put(text, node, stay | {k: v for k, v in _said(after).items() if k not in written})
    for key, value in node.value:
        if key.value not in values:
            start = _end_of_line(text, key.start_mark.line - 1)
            yield _Edit(start, _end_of_line(text, last_line(value)), "")


def _put(text: str, node: MappingNode, values: Mapping[str, Any]) -> Iterator[_Edit]:
    """Values in place of those that a block has under these names; the others after its last."""
    written = _values(node)
    for name in values.keys() & written.keys():
        there = written[name]
        end = there.end_mark.index
        if not getattr(there, "flow_style", True):
            end = _end_of_line(text, last_line(there))
        yield _Edit(there.start_mark.index, end, scalar(values[name]))
    more = [f"{name}: {scalar(value)}" for name, value in values.items() if name not in written]
    if more:
        yield _added(text, node, more)


def _added(text: str, node: MappingNode, lines: Sequence[str]) -> _Edit:
    """Lines of settings at the end of a block: one edit, as an empty block needs no first comma."""
    if not node.flow_style:
        place = _end_of_line(text, last_line(node))
        indent = " " * node.value[0][0].start_mark.column
        end = "\r\n" if "\r\n" in text else "\n"
        return _Edit(place, place, "".join(f"{end}{indent}{line}" for line in lines))
    place = node.value[-1][1].end_mark.index if node.value else node.end_mark.index - 1
    between = ", " if node.value else ""
    return _Edit(place, place, between + ", ".join(lines))


def _end_of_line(text: str, line: int) -> int:
    """Where a line ends, its own end left out."""
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[:line]))
    return start + len(lines[line].rstrip("\r\n"))
