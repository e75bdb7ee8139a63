"""Validates params.yaml and names every mistake in it at once, by line, path, found and allowed."""

import os
from pathlib import Path

from pydantic import ValidationError

from labbook.errors import LabbookError
from labbook.params.bounds import check_counts
from labbook.params.document import Params
from labbook.params.messages import Mistake, explain
from labbook.params.references import check_references
from labbook.params.source import Source, read_source

VARIABLE = "LABBOOK_PARAMS"


def params_path() -> Path:
    """The file to read: params.yaml, or what LABBOOK_PARAMS names."""
    return Path(os.environ.get(VARIABLE, "params.yaml"))


def load_params(path: Path | None = None) -> Params:
    """Read and validate the parameters; see `read_source` for how a file extends another.

    Raises `LabbookError` with all mistakes, a line each.
    """
    source = read_source(path or params_path())
    try:
        params = Params.model_validate(source.document)
    except ValidationError as error:
        mistakes = [explain(one, source.document) for one in error.errors()]
        raise refusal(source, mistakes) from None
    if mistakes := list(check_counts(params)) or check_references(params):
        raise refusal(source, mistakes)
    return params


def refusal(source: Source, mistakes: list[Mistake]) -> LabbookError:
    """All mistakes in one error, a line each, in the order of the file."""
    mistakes = _merged(mistakes)
    one = len(mistakes) == 1
    count = (
        "a mistake; nothing is run with it"
        if one
        else (f"{len(mistakes)} mistakes; nothing is run with them")
    )
    mistakes.sort(key=lambda one: source.find(one.path)[1])
    rows = [f"  {source.place(one.path)}: {one.place()}: {one.text}" for one in mistakes]
    return LabbookError("\n".join([f"{source.path}: {count}.", *rows]))


def _merged(mistakes: list[Mistake]) -> list[Mistake]:
    """One mistake a place: a value that may be of several kinds is refused once by each."""
    texts: dict[tuple[str | int, ...], list[str]] = {}
    for mistake in mistakes:
        texts.setdefault(mistake.path, []).append(mistake.text)
    return [Mistake(path, " Or: ".join(dict.fromkeys(text))) for path, text in texts.items()]
