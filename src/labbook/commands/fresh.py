"""`labbook fresh`: is there nothing to do? For dvc.yaml, which then need not start Snakemake."""

import argparse
from collections import Counter
from pathlib import Path

from labbook.errors import LabbookError
from labbook.foreseen import Foreseen
from labbook.locks import alone
from labbook.marks import is_fresh
from labbook.stages import refuse_untracked_params
from labbook.sums import Sums
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
        said, code = _judged(options.folder or Path())
    print(said)
    return code


def _judged(folder: Path) -> tuple[str, int]:
    from labbook.attic import unasked

    graph, sums = Foreseen.load(), Sums()
    nodes = [n for n in graph.nodes.values() if n.key_file.is_relative_to(folder)]
    if not nodes:
        raise LabbookError(
            f"{folder}: params.yaml asks for nothing there; allowed: data, results, their folders."
        )
    stale = Counter(n.name.partition("/")[0] for n in nodes if not is_fresh(n, sums))
    jobs = ", ".join(f"{kind} {count}" for kind, count in stale.items())
    others = [] if stale else [path for path in unasked(graph) if path.is_relative_to(folder)]
    if stale or others:
        return f"Jobs to run: {jobs}." if stale else f"{count(len(others), 'file')} to tidy.", 1
    return "Nothing to do.", 0
