"""Writes a data set, a recipe and a study into params.yaml: whole or not at all."""

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.params.load import Reading, read_params, refusal
from labbook.params.messages import Mistake
from labbook.params.source import read_source
from labbook.starting.insertion import inserted
from labbook.starting.yaml_lines import Line

HEAD = """\
# What to study. `labbook check` finds mistakes, `labbook plan` says what there is to do, and
# `snakemake --cores 2 results/report.html` does it. All settings: docs/params.md of labbook.
"""
LONGEST_NAME = 50
# The lines by block, for the names of a data set and of a study.
Blocks = Callable[[str, str], Mapping[str, list[Line]]]


@dataclass(frozen=True)
class Draft:
    """What is to be written: the lines by block, and the whole text of the file with them."""

    name: str
    study: str
    blocks: Mapping[str, list[Line]]
    text: str


def draft(path: Path, stem: str, ending: str, blocks_of: Blocks, name: str | None = None) -> Draft:
    """The text of the params file at `path` with a data set, a recipe and a study more.

    They are called after the file's `stem`, the study with an `ending`, unless there is a `name`;
    one that is taken gets a number. Raises `LabbookError` for a file that nothing can be added to.
    """
    document = read_source(path).document if _is_begun(path) else {}
    taken = {*_names(document, "datasets"), *_names(document, "recipes")}
    own = free(name or name_of(stem), taken)
    study = free(f"{own}-{ending}", set(_names(document, "studies")))
    blocks = blocks_of(own, study)
    text = path.read_bytes().decode("utf-8") if path.exists() else HEAD
    return Draft(own, study, blocks, inserted(path, text, blocks))


def read_draft(path: Path, what: Draft) -> Reading:
    """What labbook itself reads in the file at `path` as it would be. Raises `LabbookError` where
    it does not understand what is new.
    """
    reading = read_text_as(path, what.text)
    ours = {("datasets", what.name), ("recipes", what.name), ("studies", what.study)}
    if wrong := [mistake for mistake in reading.mistakes if mistake.path[:2] in ours]:
        raise not_written(path, reading, wrong)
    return reading


def read_text_as(path: Path, text: str) -> Reading:
    """What labbook reads in the file at `path` if this text were in it."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=".labbook-", suffix=".yaml", encoding="utf-8", newline=""
    ) as file:
        file.write(text)
        file.flush()
        reading = read_params(Path(file.name))
        reading.source.places  # noqa: B018 - found while the file is there
    return reading


def not_written(path: Path, reading: Reading, wrong: Iterable[Mistake]) -> LabbookError:
    """The refusal of what would be written, with these mistakes in it."""
    return LabbookError(
        f"Nothing was written, as this would come out:\n{told(path, reading, wrong)}\n"
        f"Correct the table; or write the lines shown above into {path} by hand, and change them."
    )


def told(path: Path, reading: Reading, wrong: Iterable[Mistake]) -> str:
    """Mistakes of a draft as those of the file at `path`."""
    return str(refusal(reading.source, wrong)).replace(str(reading.source.path), str(path))


def write(path: Path, what: Draft) -> None:
    """Write the file."""
    write_text(path, what.text)


def name_of(stem: str) -> str:
    """A name for blocks and folders made of a file's."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:LONGEST_NAME].strip("-_")
    return name.lower() or "table"


def _is_begun(path: Path) -> bool:
    """Whether the file has any block: one of comments alone has none."""
    if not path.exists():
        return False
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)


def _names(document: Mapping[str, object], block: str) -> list[str]:
    entries = document.get(block)
    return list(entries) if isinstance(entries, Mapping) else []


def free(wanted: str, taken: set[str]) -> str:
    """The name, or with a number behind it one that is not taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
