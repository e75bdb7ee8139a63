"""Reads params.yaml and names every mistake in it at once, by line, path, found and allowed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from labbook.errors import LabbookError
from labbook.params.document import Params
from labbook.params.messages import Mistake, explain
from labbook.params.references import check_references

VARIABLE = "LABBOOK_PARAMS"


def params_path() -> Path:
    """The file to read: params.yaml, or what LABBOOK_PARAMS names."""
    return Path(os.environ.get(VARIABLE, "params.yaml"))


def load_params(path: Path | None = None) -> Params:
    """Read and validate the parameters.

    YAML 1.2: 1e-3 is a number, `no` is a text, and a key that is given twice is refused. Raises
    `LabbookError` with all mistakes, a line each.
    """
    path = path or params_path()
    document = _parse(path)
    try:
        params = Params.model_validate(document)
    except ValidationError as error:
        raise _refusal(path, [explain(e, document) for e in error.errors()]) from None
    if mistakes := check_references(params):
        raise _refusal(path, mistakes)
    return params


def _parse(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabbookError(
            f"{path}: cannot be read ({error.strerror}). labbook looks for params.yaml in the "
            f"current folder, or for the file that {VARIABLE} names."
        ) from None
    except UnicodeDecodeError as error:
        raise LabbookError(
            f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8."
        ) from None
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        found = (error.problem or "").split(" with value")[0].removeprefix("found ")
        raise LabbookError(f"{path}, line {line}: {found}: each name once; remove one.") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise LabbookError(
            f"{path}{where}: not YAML ({error.problem or error.context}). "
            "Check indentation, colons, brackets and quotes there."
        ) from None
    except (YAMLError, ValueError) as error:
        raise LabbookError(f"{path}: not YAML ({error}).") from None
    if not isinstance(document, dict):
        found = "an empty file" if document is None else f"a {type(document).__name__}"
        raise LabbookError(
            f"{path}: found {found}, expected blocks: {', '.join(Params.model_fields)}."
        )
    return document


def _refusal(path: Path, mistakes: list[Mistake]) -> LabbookError:
    lines = dict(_lines(path))
    mistakes = _merged(mistakes)
    count = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "a mistake"
    rows = []
    for mistake in mistakes:
        at = next((lines[mistake.path[:n]] for n in range(len(mistake.path), 0, -1)
                   if mistake.path[:n] in lines), 1)  # fmt: skip
        rows.append((at, f"  line {at}: {mistake.place()}: {mistake.text}"))
    listing = "\n".join(row for _, row in sorted(rows, key=lambda row: row[0]))
    return LabbookError(f"{path}: {count}, nothing was run.\n{listing}")


def _merged(mistakes: list[Mistake]) -> list[Mistake]:
    """One mistake a place: a value that may be of several kinds is refused once by each."""
    texts: dict[tuple[str | int, ...], list[str]] = {}
    for mistake in mistakes:
        texts.setdefault(mistake.path, []).append(mistake.text)
    return [Mistake(path, " Or: ".join(dict.fromkeys(text))) for path, text in texts.items()]


def _lines(path: Path) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """(path in the document, line in the file), for messages only."""

    def walk(node: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], int]]:
        if isinstance(node, CommentedMap):
            for key, value in node.items():
                yield (*at, key), node.lc.key(key)[0] + 1
                yield from walk(value, (*at, key))
        elif isinstance(node, CommentedSeq):
            for index, value in enumerate(node):
                yield (*at, index), node.lc.item(index)[0] + 1
                yield from walk(value, (*at, index))

    yield from walk(YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8")), ())
