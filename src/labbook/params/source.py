"""A file of parameters as it is written: its document, and where each part of it stands."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from labbook.documents import BoundsError, parse, read_text
from labbook.errors import LabbookError

EXTENDS = "extends"  # the key that names the file whose settings hold where this one is silent
MOST_FILES = 20  # that extend one another
At = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """A document, and `texts`: the files that it was read from, the ones extended first."""

    path: Path
    document: dict[str, Any]
    texts: Mapping[Path, str]

    @cached_property
    def places(self) -> dict[At, tuple[Path, int]]:
        """File and line of each path in the document: for messages, so found when there is one."""
        lines: dict[At, tuple[Path, int]] = {}
        for path, text in self.texts.items():
            lines |= {at: (path, line) for at, line in _lines(text)}
        return lines

    def find(self, at: At) -> tuple[Path, int]:
        """File and line of the innermost part of `at` that is written."""
        parts = (at[:length] for length in range(len(at), 0, -1))
        return next((self.places[p] for p in parts if p in self.places), (self.path, 1))

    def place(self, at: At) -> str:
        """The same in words: `line 12`, with the file where it is another one."""
        file, line = self.find(at)
        return f"line {line}" if file == self.path else f"{file}, line {line}"


def read_source(path: Path, chain: tuple[Path, ...] = ()) -> Source:
    """Read a file and what it extends; `chain` are the files that extend this one.

    YAML 1.2: 1e-3 is a number, `no` is a text, and a key that is given twice is refused. With
    `extends: other.yaml` (seen from this file's folder) mappings are merged by key; lists and
    single values replace those of the other file, and null takes a key away. Raises
    `LabbookError`.
    """
    if path.resolve() in chain:
        raise LabbookError(
            f"{path}: extends itself, by way of {chain[-1].name}; remove one extends."
        )
    if len(chain) >= MOST_FILES:
        raise LabbookError(f"{path}: extends more than {MOST_FILES} files in a row; merge some.")
    text = _text(path, chain)
    document = _parse(path, text)
    if EXTENDS not in document:
        return Source(path, document, {path: text})
    other = document.pop(EXTENDS)
    if not isinstance(other, str):
        raise LabbookError(f"{path}: extends: found {other!r}, expected the name of a file.")
    base = read_source(path.parent / other, (*chain, path.resolve()))
    return Source(path, merged(base.document, document), {**base.texts, path: text})


def merged(base: dict[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A document with what another says put over it; null takes a key away."""
    both = copy.copy(base)
    for key, value in change.items():
        if value is None:
            both.pop(key, None)
        elif isinstance(value, dict) and isinstance(both.get(key), dict):
            both[key] = merged(both[key], value)
        else:
            both[key] = value
    return both


def _text(path: Path, chain: tuple[Path, ...]) -> str:
    try:
        return read_text(path)
    except OSError as error:
        looked = "labbook looks for params.yaml in the current folder, or for the file that "
        hint = f"{chain[-1].name} extends it." if chain else f"{looked}LABBOOK_PARAMS names."
        reason = error.strerror or error
        raise LabbookError(f"{path}: cannot be read ({reason}). {hint}") from None
    except UnicodeDecodeError as error:
        raise LabbookError(
            f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8."
        ) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        document = parse(text)
    except BoundsError as error:
        raise LabbookError(
            f"{path}{_at(error)}: {error.problem}. Nothing was run; a params file needs far less."
        ) from None
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        key = (error.problem or "").split(" with value")[0].removeprefix("found ")
        raise LabbookError(f"{path}, line {line}: {key}: each name once; remove one.") from None
    except MarkedYAMLError as error:
        raise LabbookError(
            f"{path}{_at(error)}: not YAML ({error.problem or error.context}). "
            "Check indentation, colons, brackets and quotes there."
        ) from None
    except (YAMLError, ValueError) as error:
        raise LabbookError(f"{path}: not YAML ({error}).") from None
    if not isinstance(document, dict):
        kind = "an empty file" if document is None else f"a {type(document).__name__}"
        raise LabbookError(
            f"{path}: found {kind}, expected blocks: seeds, datasets, recipes, studies. "
            "`labbook new tables/NAME.csv --target COLUMN` writes the first of them."
        )
    return document


def _at(error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _lines(text: str) -> Iterator[tuple[At, int]]:
    """(path in the document, line in the file)."""

    def walk(node: Any, at: At) -> Iterator[tuple[At, int]]:
        """The paths below a node, each with its line."""
        if isinstance(node, CommentedMap):
            for key, value in node.items():
                if (
                    key in node.lc.data
                ):  # a merged key (<<) stands elsewhere: its block's line counts
                    yield (*at, key), node.lc.key(key)[0] + 1
                yield from walk(value, (*at, key))
        elif isinstance(node, CommentedSeq):
            for index, value in enumerate(node):
                yield (*at, index), node.lc.item(index)[0] + 1
                yield from walk(value, (*at, index))

    yield from walk(YAML(typ="rt", pure=True).load(text), ())
