"""`labbook summary`: the results in short."""

import argparse
from pathlib import Path

from labbook.errors import LabbookError
from labbook.params.load import load_params

HELP = "The report's main lines."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    """Print the report's main lines."""
    from labbook.report.summary import summary_lines

    studies = [Path("results", name) for name in load_params().studies]
    if not any((folder / "study.json").exists() for folder in studies):
        raise LabbookError("No results yet: run make report, or snakemake results/report.html.")
    print("\n".join(summary_lines(studies)))
