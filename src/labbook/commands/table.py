"""`labbook table`: a table of the report for a paper or a program."""

import argparse
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.languages import LANGUAGES
from labbook.params.load import load_params
from labbook.paths import RESULTS
from labbook.wording import listing

HELP = "A table of the report as CSV, LaTeX or Markdown."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("study", help="its name")
    parser.add_argument("table", nargs="?", default="combinations", help="default: combinations")
    parser.add_argument(
        "--format", choices=("csv", "latex", "md"), default="md", help="default: md"
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, help="of its words; default: that of the report"
    )
    parser.add_argument("--out", type=Path, help="write to this file")


def run(options: argparse.Namespace) -> None:
    """Print the table, or write it to a file. Raises `LabbookError` for a name that is unknown."""
    from labbook.report.study_results import read_results
    from labbook.report.tables import FORMATS, tables_of

    params = load_params()
    studies = params.studies
    if options.study in params.tune:
        raise LabbookError(
            f"{options.study} is a tuning, which has no such tables: labbook show {options.study} "
            "says what its steps found, and its page has their figures as tables."
        )
    if options.study not in studies:
        raise LabbookError(f"No study {options.study} in params.yaml: it has {listing(studies)}.")
    folder = RESULTS / options.study
    if not (folder / "study.json").exists():
        raise LabbookError(f"No results yet of {options.study}: run make report, or snakemake.")
    tables = tables_of(read_results(folder), options.language or params.report.language)
    if options.table not in tables:
        raise LabbookError(
            f"{options.study} has no table {options.table}: it has {listing(tables)}."
        )
    text = FORMATS[options.format](tables[options.table])
    if options.out:
        write_text(options.out, text)
    else:
        print(text, end="")
