"""`labbook summary`: the results in short."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from labbook.errors import LabbookError
from labbook.params.load import load_params
from labbook.paths import RESULTS
from labbook.wording import count, few

HELP = "The report's main lines."


def run(options: argparse.Namespace) -> None:
    """Print the report's main lines, and why a study is not in them."""
    studies = [RESULTS / name for name in load_params().studies]
    folders = [folder for folder in studies if (folder / "study.json").exists()]
    if not folders:
        raise LabbookError("No results yet: run make report, or snakemake results/report.html.")
    print("\n".join([*_lines(folders), *_lacking([folder.name for folder in folders])]))


def _lines(folders: Sequence[Path]) -> list[str]:
    from labbook.report.summary import summary_lines
    from labbook.report.together import read_together

    return summary_lines(folders, read_together(RESULTS / "claims.csv", RESULTS / "datasets.csv"))


def _lacking(shown: Sequence[str]) -> list[str]:
    """Of which studies there are no results, or none of what is asked now, and why."""
    from labbook.looking.missing import lines_of, missing_studies
    from labbook.looking.state import State

    missing = missing_studies(State())
    older = [study.name for study in missing if study.name in shown]
    none = [study for study in missing if study.is_study and study.name not in shown]
    lines = []
    if none:
        lines.append(f"No results yet of {count(len(none), 'study', 'studies')}; see labbook plan.")
    if older:
        lines.append(f"Of older settings or code, and not made anew yet: {few(older)}.")
    return [*lines, *lines_of([study for study in missing if study.failed])]
