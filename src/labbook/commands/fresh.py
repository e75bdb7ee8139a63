"""`labbook fresh`: is there nothing to do? For dvc.yaml, which then need not start Snakemake."""

import argparse
from collections import Counter
from pathlib import Path

from labbook.errors import LabbookError
from labbook.provenance.checksums import Sums
from labbook.provenance.dvc_records import refuse_untracked_params
from labbook.provenance.graph import Foreseen
from labbook.provenance.locks import alone
from labbook.wording import count

HELP = (
    "Whether everything is there, made for what params.yaml asks, and nothing else: exit code 0, "
    "or 1 where snakemake or labbook tidy would do something."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("folder", nargs="?", type=Path, help="only under this, such as data/raw")


def run(options: argparse.Namespace) -> int:
    """Say in a line how many jobs are to run and files to tidy; 1 if there are any."""
    return say_what_is_to_do(options.folder or Path())


def say_what_is_to_do(folder: Path) -> int:
    """The same for what lies under a folder."""
    from labbook.provenance.ownership import unasked

    with alone():
        refuse_untracked_params()
        graph = Foreseen.load()
        if not any(node.key_file.is_relative_to(folder) for node in graph.nodes.values()):
            raise LabbookError(
                f"{folder}: params.yaml asks for nothing there; allowed: data, results, their "
                "folders."
            )
        jobs = Counter(node.kind for node in graph.to_run(Sums(), folder))
        files = [] if jobs else [p for p in unasked(graph) if p.is_relative_to(folder)]
    if jobs:
        print(f"Jobs to run: {', '.join(f'{kind} {n}' for kind, n in jobs.items())}.")
    else:
        print(f"{count(len(files), 'file')} to tidy." if files else "Nothing to do.")
    return 1 if jobs or files else 0
