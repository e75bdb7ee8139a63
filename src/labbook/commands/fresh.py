"""`labbook fresh`: is there nothing to do? For dvc.yaml, which then need not start Snakemake."""

import argparse
from collections import Counter
from pathlib import Path

from labbook.errors import LabbookError
from labbook.provenance.dvc_stages import refuse_untracked_params
from labbook.provenance.foreseen import Foreseen
from labbook.provenance.locks import alone
from labbook.provenance.sums import Sums
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
    with alone():
        refuse_untracked_params()
        message, code = _judged(options.folder or Path())
    print(message)
    return code


def _judged(folder: Path) -> tuple[str, int]:
    from labbook.provenance.attic import unasked

    graph = Foreseen.load()
    if not any(node.key_file.is_relative_to(folder) for node in graph.nodes.values()):
        raise LabbookError(
            f"{folder}: params.yaml asks for nothing there; allowed: data, results, their folders."
        )
    jobs = Counter(node.kind for node in graph.to_run(Sums(), folder))
    if jobs:
        return f"Jobs to run: {', '.join(f'{kind} {n}' for kind, n in jobs.items())}.", 1
    if others := [path for path in unasked(graph) if path.is_relative_to(folder)]:
        return f"{count(len(others), 'file')} to tidy.", 1
    return "Nothing to do.", 0
