"""Validates params.yaml and names every mistake in it at once, by line, path, found and allowed."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from labbook.errors import LabbookError
from labbook.params.document import Params, Part
from labbook.params.file_checks import check_counts, check_recipes
from labbook.params.messages import Mistake, explain
from labbook.params.partial import Remainder
from labbook.params.source import Source, read_source
from labbook.params.study_checks import check_studies

VARIABLE = "LABBOOK_PARAMS"


def params_path() -> Path:
    """The file to read: params.yaml, or what LABBOOK_PARAMS names."""
    return Path(os.environ.get(VARIABLE, "params.yaml"))


@dataclass(frozen=True)
class Reading:
    """A file of parameters: its mistakes, and `sound`, the parts that neither have nor need one."""

    source: Source
    mistakes: list[Mistake]
    sound: Params


def load_params(path: Path | None = None) -> Params:
    """Read and validate the parameters; see `read_source` for how a file extends another.

    Raises `LabbookError` with all mistakes, a line each.
    """
    reading = read_params(path or params_path())
    if reading.mistakes:
        raise refusal(reading.source, reading.mistakes)
    return reading.sound


def read_params(path: Path) -> Reading:
    """Read a file of parameters and find all mistakes that can be known of it.

    After each look at the whole, what has a mistake is taken away and the rest is looked at again.
    """
    source = read_source(path)
    mistakes: list[Mistake] = []
    model: type[Params] = Params
    rest: Remainder | None = Remainder(source.document)
    while rest is not None:
        sound, further = _look(rest.document, model)
        if not further:
            return Reading(source, mistakes, sound)
        mistakes += map(rest.original, further)
        rest, model = rest.without(further), Part
    return Reading(source, mistakes, Part())


def _look(document: Any, model: type[Params]) -> tuple[Params, list[Mistake]]:
    """The parameters in a document, none if it has not their form, and what is wrong with it."""
    try:
        params = model.model_validate(document)
    except ValidationError as error:
        return Part(), _merged([explain(one, document) for one in error.errors()])
    counts = list(check_counts(params))
    return params, counts or [*check_recipes(params), *check_studies(params)]


def refusal(source: Source, mistakes: Sequence[Mistake]) -> LabbookError:
    """All of one or more `mistakes` in one error, a line each, in the order of the file."""
    mistakes = list(dict.fromkeys(mistakes))
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
