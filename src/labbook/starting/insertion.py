"""Puts blocks into a params.yaml as text: not a byte of what stands there is touched."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node

from labbook.documents import parse
from labbook.errors import LabbookError
from labbook.starting.yaml_lines import Line

STEP = "  "


def inserted(
    path: Path, text: str, blocks: Mapping[str, Sequence[Line]], *, entries: int = 1
) -> str:
    """`text` with lines under each of its top blocks, which are begun where they are not there.

    The lines of a block are those of so many `entries`, at level 1. Raises `LabbookError` where a
    block is written in a way that nothing can be put into.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    tops = _tops(text)
    additions: list[tuple[int, list[str]]] = []
    for name, entry in blocks.items():
        place, indent, head = _place(path, name, tops, lines)
        new = ["", head] if head else []
        additions.append((place, [*new, *(_indented(line, indent) for line in entry)]))
    additions.sort(key=lambda addition: addition[0])
    for place, new in reversed(additions):  # so that the places before stay what they are
        lines[place:place] = [text + end for text in new]
    return _checked(path, text, "".join(lines), blocks, entries)


def _tops(text: str) -> dict[str, tuple[Node, Node]]:
    """The nodes of key and value of each block at the top."""
    node = YAML(typ="rt").compose(text)
    if node is None:
        return {}
    return {key.value: (key, value) for key, value in node.value}


def _place(
    path: Path, name: str, tops: Mapping[str, tuple[Node, Node]], lines: Sequence[str]
) -> tuple[int, str, str]:
    """Before which line to put an entry, its indentation, and the head of a block to begin."""
    if name not in tops:
        return len(lines), STEP, f"{name}:"
    key, value = tops[name]
    line = key.start_mark.line
    if not isinstance(value, MappingNode):
        if value.value in ("", "null", "~") and re.fullmatch(
            rf"{name}:\s*(#.*)?", lines[line].rstrip()
        ):
            return line + 1, STEP, ""
        raise LabbookError(f"{path}, line {line + 1}: {name} is no block to put a data set into.")
    if value.flow_style:
        raise LabbookError(
            f"{path}, line {line + 1}: {name} is written in braces, {{...}}, and nothing can be "
            "put into it without a change of your lines. Write its entries on lines of their own, "
            "or use another file: LABBOOK_PARAMS=other.yaml."
        )
    first = value.value[0][0].start_mark
    return last_line(value) + 1, " " * first.column, ""


def last_line(node: Any) -> int:
    """The number of the last line that a node has some of; comments behind it are not of it."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return max(last_line(part) for part in node.value[-1])
    if isinstance(node.value, list) and not node.flow_style and node.value:
        return last_line(node.value[-1])
    mark = node.end_mark
    inside = mark.column > 0 or mark.line == node.start_mark.line
    return int(mark.line if inside else mark.line - 1)


def _indented(line: Line, indent: str) -> str:
    text = str(line)
    return indent + text.removeprefix(STEP) if text else ""


def _checked(
    path: Path, old: str, new: str, blocks: Mapping[str, Sequence[Line]], number: int
) -> str:
    """The new text, if it says all that the old one says and so many entries more in each block."""
    try:
        before, after = parse(old) or {}, parse(new)
    except (YAMLError, ValueError) as error:
        raise LabbookError(
            f"{path}: is written in a way that nothing can be put at its end ({error})."
        ) from None
    for name in blocks:
        entries = dict(after[name])
        added = [key for key in entries if key not in (before.get(name) or {})]
        if len(added) == number:
            entries = {key: value for key, value in entries.items() if key not in added}
        if entries != (before.get(name) or {}):
            raise LabbookError(
                f"{path}: {name}: is written in a way that no entry can be put into."
            )
    if {k: v for k, v in after.items() if k not in blocks} != {
        k: v for k, v in before.items() if k not in blocks
    }:
        raise LabbookError(f"{path}: is written in a way that nothing can be put into.")
    return new
