"""What Snakemake's own `--report` shows: our figures with their captions, and tables, by study.

How many figures a study has, and their names, only their index knows. So it is asked when a report
is; no rule has them as outputs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import read_json, write_text
from labbook.paths import RESULTS
from labbook.wording import plain

CAPTIONS = Path(".labbook/captions")
ASKING = re.compile(r"--report(=.*)?")
OF_ALL = "All studies"
TOGETHER = {
    "claims": "Every claim of every study with its verdict, and whether it stands among so many.",
    "datasets": "What a question shows over the data sets that it was asked of.",
}
TABLES = {
    "combinations": "Each setting with the mean of its runs, the 95 % interval and n.",
    "comparisons": "Each setting against the reference, paired by seed.",
    "verdicts": "The study's claims with their verdicts.",
    "runs": "A row per training.",
}


@dataclass(frozen=True)
class Shown:
    """A file that Snakemake's report shows, in which part of it, with which caption."""

    path: str
    caption: str
    category: str
    subcategory: str
    title: str


def shown(arguments: Sequence[str], studies: Sequence[str]) -> Iterator[Shown]:
    """What there is to show, if Snakemake's `arguments` ask for a report; captions are written."""
    if not any(ASKING.fullmatch(argument) for argument in arguments):
        return
    for name, words in TOGETHER.items():
        yield from _shown(RESULTS / f"{name}.csv", words, OF_ALL, "Tables", name)
    for study in studies:
        for figure in _figures(RESULTS / study / "figures"):
            path = RESULTS / study / "figures" / str(figure.get("svg"))
            words, title = (plain(figure.get(key, "")) for key in ("caption", "title"))
            yield from _shown(path, words, study, "Figures", title)
        for name, words in TABLES.items():
            yield from _shown(RESULTS / study / f"{name}.csv", words, study, "Tables", name)


def _figures(folder: Path) -> list[dict[str, str]]:
    """What the index of a study's figures lists; nothing where there is none."""
    try:
        index = read_json(folder / "index.json")
    except LabbookError:
        return []
    return [entry for entry in index if isinstance(entry, dict)]


def _shown(path: Path, words: str, category: str, subcategory: str, title: str) -> Iterator[Shown]:
    if path.is_file():
        caption = CAPTIONS / path.relative_to(RESULTS).with_suffix(".rst")
        write_text(caption, f"{_escaped(words)}\n")
        yield Shown(path.as_posix(), str(caption.absolute()), category, subcategory, title)


def _escaped(words: str) -> str:
    """Words as reStructuredText, every sign of which might mean something; to Jinja likewise."""
    return re.sub(r"([^\w\s])", r"\\\1", words)
