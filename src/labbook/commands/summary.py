"""`labbook summary`: the results in short."""

import argparse

from labbook.errors import LabbookError
from labbook.params.load import load_params
from labbook.paths import RESULTS
from labbook.wording import count

HELP = "The report's main lines."


def run(options: argparse.Namespace) -> None:
    """Print the report's main lines."""
    from labbook.report.summary import summary_lines
    from labbook.report.together import read_together

    studies = [RESULTS / name for name in load_params().studies]
    folders = [folder for folder in studies if (folder / "study.json").exists()]
    if not folders:
        raise LabbookError("No results yet: run make report, or snakemake results/report.html.")
    together = read_together(RESULTS / "claims.csv", RESULTS / "datasets.csv")
    print("\n".join(summary_lines(folders, together)))
    if missing := len(studies) - len(folders):
        print(f"No results yet of {count(missing, 'study', 'studies')}; see labbook plan.")
