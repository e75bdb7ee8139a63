"""YAML as people write it: a line for each setting, with a comment that says what it rests on."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labbook.wording import short

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./()%+?!'-]*(?<! )")
WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}  # of any version of YAML
WIDEST_REASON = 140


@dataclass(frozen=True)
class Line:
    """A line at a `level` of indentation; with a comment alone it is a comment."""

    level: int
    text: str
    comment: str = ""

    def __str__(self) -> str:
        reason = short(self.comment, WIDEST_REASON)
        comment = f"# {''.join(c if c.isprintable() else ' ' for c in reason)}" if reason else ""
        return "  " * self.level + "  ".join(part for part in (self.text, comment) if part)


def scalar(value: Any) -> str:
    """A text, number, truth value or list as YAML has it in a line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(scalar, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{scalar(key)}: {scalar(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, str):
        if PLAIN.fullmatch(value) and value.lower() not in WORDS:
            return value
        return "".join(map(_escaped, json.dumps(value, ensure_ascii=False)))
    return "null" if value is None else json.dumps(value)


def _escaped(character: str) -> str:
    """A character of a text in quotes; what is not printable by its number."""
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"


def setting(level: int, name: str, value: Any, comment: str = "") -> Line:
    """`name: value`, and why."""
    return Line(level, f"{scalar(name)}: {scalar(value)}", comment)


def listed(level: int, name: str, items: Iterable[tuple[str, str]]) -> list[Line]:
    """`name:` and below it an item a line, each with its reason; nothing of nothing."""
    lines = [Line(level + 1, f"- {scalar(item)}", reason) for item, reason in items]
    return [Line(level, f"{name}:"), *lines] if lines else []


def mapped(level: int, name: str, items: Iterable[tuple[str, Any, str]]) -> list[Line]:
    """`name:` and below it a setting a line, each with its reason; nothing of nothing."""
    lines = [setting(level + 1, key, value, reason) for key, value, reason in items]
    return [Line(level, f"{name}:"), *lines] if lines else []


def commented(line: Line) -> Line:
    """The same line as a comment: a setting that is proposed and not made."""
    return Line(line.level, f"# {line.text}", line.comment)
