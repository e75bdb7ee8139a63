"""Validates params.yaml and names every mistake in it at once, by line, path, found and allowed."""

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from labbook.errors import LabbookError
from labbook.params.document import Params, Part
from labbook.params.file_checks import check_counts, check_recipes
from labbook.params.messages import Mistake, explain
from labbook.params.over_datasets import each_dataset, told_once
from labbook.params.partial import Remainder
from labbook.params.source import At, Source, read_source
from labbook.params.study_checks import check_studies
from labbook.params.tuning_checks import check_tunings

VARIABLE = "LABBOOK_PARAMS"
NO_STUDY = (
    "is missing. A file needs a study beside its tunings: the report is of studies. Write a small "
    "one, of the recipe that is tuned."
)
USUAL = Path("params.yaml")


def params_path() -> Path:
    """The file to read: params.yaml, or what LABBOOK_PARAMS names."""
    return Path(os.environ.get(VARIABLE, USUAL))


def making(target: str) -> str:
    """The command that makes this file, and what it needs, of the params file that is read now."""
    path = params_path()
    named = "" if path == USUAL else f"{VARIABLE}={shlex.quote(str(path))} "
    return f"{named}snakemake --cores 2 {target}"


@dataclass(frozen=True)
class Reading:
    """A file of parameters: its mistakes, and `sound`, the parts that neither have nor need one.

    In `sound` a study of several data sets is one study of each (`params/over_datasets.py`).
    """

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
        try:
            params = model.model_validate(rest.document)
        except ValidationError as error:
            found = (explain(detail, rest.document) for detail in error.errors())
            further = _by_place(_of_tune_alone(one, rest.document) for one in found)
        else:
            each, of_datasets = each_dataset(params)
            too_many = list(check_counts(each))
            of_studies = too_many or [*check_recipes(params), *check_studies(each)]
            further = [*of_datasets, *told_once(each, of_studies), *check_tunings(each)]
            if not further:
                return Reading(source, mistakes, each)
        mistakes += map(rest.original, further)
        rest, model = rest.without(further), Part
    return Reading(source, mistakes, Part())


def _of_tune_alone(mistake: Mistake, document: Mapping[str, Any]) -> Mistake:
    """The same, in other words where there is no study but a tuning."""
    lacks = mistake.path == ("studies",) and not document.get("studies")
    return Mistake(mistake.path, NO_STUDY) if lacks and document.get("tune") else mistake


def _by_place(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """One mistake a place: a value that may be of several kinds is refused once by each."""
    texts: dict[At, list[str]] = {}
    for mistake in mistakes:
        texts.setdefault(mistake.path, []).append(mistake.text)
    return [Mistake(path, " Or: ".join(dict.fromkeys(text))) for path, text in texts.items()]


def refusal(source: Source, mistakes: Iterable[Mistake]) -> LabbookError:
    """All of one or more `mistakes` in one error, a line each, in the order of the file."""
    mistakes = sorted(dict.fromkeys(mistakes), key=lambda mistake: source.find(mistake.path)[1])
    head = f"{len(mistakes)} mistakes; nothing is run with them."
    if len(mistakes) == 1:
        head = "a mistake; nothing is run with it."
    rows = [f"  {source.place(m.path)}: {m.place()}: {m.text}" for m in mistakes]
    return LabbookError("\n".join([f"{source.path}: {head}", *rows]))
