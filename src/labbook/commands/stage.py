"""`labbook stage`: what the stages of dvc.yaml call."""

import argparse
from pathlib import Path

from labbook.commands.fresh import say_what_is_to_do
from labbook.commands.tidy import tidy
from labbook.provenance.dvc_records import refuse_links

HELP = (
    "What dvc.yaml calls: have Snakemake make what is stale, and tidy, so that DVC can record it. "
    "Does nothing where nothing is stale."
)
TARGETS = {"data/raw": "all_raw", "data": "all_data", "results": "results/report.html"}
ALL = "results"  # its report follows from everything


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("folder", choices=TARGETS, help="what is to be made")


def run(options: argparse.Namespace) -> int:
    """Make what is stale under a folder; Snakemake's exit code."""
    from labbook.running.starter import run_snakemake

    refuse_links()
    folder = Path() if options.folder == ALL else Path(options.folder)
    if say_what_is_to_do(folder) == 0:
        return 0
    code = run_snakemake(TARGETS[options.folder])
    if code == 0:
        tidy(folder, made=True)
    return code
