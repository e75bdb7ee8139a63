"""A mistake in plain words: where, what was found, what is allowed, the nearest valid name."""

import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from labbook.addresses import shown
from labbook.params.document import Params
from labbook.verdicts import FEWEST_SEEDS

WORDS = {1: "one", 2: "two", 3: "three"}
# What a text must be, by a part of its pattern (params/base.py).
PATTERNS = {
    "0-9a-f": "expected the 64 hexadecimal digits of a SHA-256",
    "https": "expected an address that begins with https://, http:// or file://",
    "A-Za-z0-9": "allowed are the letters A to Z and a to z, digits, - and _ (in file names dots "
    "too), a letter or digit first: it becomes part of a path",
}

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mistake:
    """One thing to mend in params.yaml: `path` leads to it from the top of the document."""

    path: Path
    text: str

    def place(self) -> str:
        """The path as people write it: studies.width.vary.model.hidden[1]."""
        text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in self.path)
        return text.removeprefix(".") or "the file"


def nearest(name: str, allowed: Iterable[str]) -> str:
    """What is allowed in place of `name`, the nearest first in a question."""
    allowed = [str(a) for a in allowed]
    begun = [one for one in allowed if len(str(name)) > 2 and one.startswith(str(name))]
    close = difflib.get_close_matches(str(name), allowed, 1, cutoff=0.6) or begun
    question = f'did you mean "{close[0]}"? ' if close else ""
    return f"{question}Allowed: {', '.join(allowed) or 'nothing'}"


def explain(error: Mapping[str, Any], document: Any, model: type[BaseModel] = Params) -> Mistake:
    """Turn one of pydantic's errors about `document` into a mistake."""
    path, names = _locate(error, document, model)
    return Mistake(path, _text(error, path, names))


def _text(error: Mapping[str, Any], path: Path, names: Iterable[str]) -> str:
    context, value, kind = error.get("ctx", {}), error["input"], error["type"]
    match kind:
        case "extra_forbidden":
            return f"unknown name; {nearest(str(path[-1]), names)}."
        case "missing":
            return "is missing and has no default."
        case "union_tag_not_found":
            return "needs `kind`, which says what it is; docs/params.md lists the kinds."
        case "union_tag_invalid":
            tags = [t.strip().strip("'") for t in context["expected_tags"].split(",")]
            return f"unknown kind {_show(context['tag'])}; {nearest(context['tag'], tags)}."
        case "literal_error":
            allowed = [
                a.strip().strip("'") for a in context["expected"].replace(" or ", ", ").split(",")
            ]
            return f"found {_show(value)}; {nearest(str(value), allowed)}."
        case "string_pattern_mismatch":
            wanted = next(text for part, text in PATTERNS.items() if part in context["pattern"])
            return f"found {_show(value)}; {wanted}."
        case "less_than_equal":
            most = context["le"]
            shown_most = f"{most:,}" if isinstance(most, int) else f"{most:g}"
            return f"found {_show(value)}; expected at most {shown_most}."
        # `seeds`, or `seeds.from`: another setting may happen to have this bound.
        case "greater_than_equal" if context["ge"] == FEWEST_SEEDS and "seeds" in path[-2:]:
            text = f"found {_show(value)}; at least {FEWEST_SEEDS} seeds are needed: with fewer no"
            return f"{text} comparison could be decided, whatever they show."
        case "too_long":
            most = f"{context['max_length']:,}"
            return f"found {len(value):,} in a list; expected at most {most}."
        case "value_error":
            return f"{context['error']}."
        case "too_short":
            least = WORDS.get(context["min_length"], context["min_length"])
            return f"found {_show(value)}; name at least {least}."
    wanted = error["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    return f"found {_show(value)}; expected {wanted}.{_hint(value, kind)}"


def _hint(value: Any, kind: str) -> str:
    if isinstance(value, str) and kind.startswith(("int", "float")):
        try:
            float(value)
        except ValueError:
            return ""
        return " It is a text: write the number without quotes."
    if isinstance(value, str) and kind.startswith("bool"):
        return " Write true or false, without quotes (yes and no are texts)."
    if isinstance(value, bool | int | float | date) and kind.startswith("string"):
        written = str(value).lower() if isinstance(value, bool) else value  # YAML's true
        return f' Write it in quotes: "{written}".'
    return ""


def _show(value: Any) -> str:
    if isinstance(value, date):
        return f"the date {value}"
    text = shown(f"the text {value!r}" if isinstance(value, str) else f"{value!r}")
    return text if len(text) <= 80 else text[:77] + "..."


def _locate(error: Mapping[str, Any], document: Any, model: Any) -> tuple[Path, list[str]]:
    """The path of pydantic's `error`, and the names that are allowed where its last part stands.

    Pydantic's own path also tells which member of a union is meant: by the `kind` of the block just
    entered, or by words that are no part of the document.
    """
    path: list[str | int] = []
    names: list[str] = []
    members, entered = [model], True  # what the document at this place may be
    for number, part in enumerate(error["loc"], 1):
        if isinstance(document, dict):
            inside = part in document
            kind_meant = entered and part == document.get("kind")
        else:
            inside = isinstance(document, list) and isinstance(part, int) and part < len(document)
            kind_meant = False
        if kind_meant:
            members, entered = [m for m in members if _kind(m) == part], False
        elif inside or (error["type"] == "missing" and number == len(error["loc"])):
            path.append(part)
            names = next((_names(m) for m in members if _is_block(m)), [])
            members, entered = [inner for m in members for inner in _inner(m, part)], True
            document = document[part] if inside else None
    return tuple(path), names


def _is_block(member: Any) -> bool:
    return hasattr(member, "model_fields")


def _names(member: Any) -> list[str]:
    """The settings of a block as a file has them: `from` is a word of Python's."""
    return [info.alias or name for name, info in member.model_fields.items()]


def _kind(member: Any) -> Any:
    kind = member.model_fields.get("kind") if _is_block(member) else None
    return kind.default if kind is not None else None


def _inner(member: Any, part: str | int) -> list[Any]:
    """What the value at `part` of a block, mapping or list may be."""
    if not _is_block(member):
        return _members(typing.get_args(member)[-1])
    fields = dict(zip(_names(member), member.model_fields.values(), strict=True))
    field = fields.get(str(part))
    return _members(field.annotation) if field else []


def _members(annotation: Any) -> list[Any]:
    """The blocks, mappings and lists among the members of an annotation."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _members(typing.get_args(annotation)[0])
    if origin in (types.UnionType, typing.Union):
        return [m for a in typing.get_args(annotation) for m in _members(a)]
    return [annotation] if origin in (dict, list) or _is_block(annotation) else []
