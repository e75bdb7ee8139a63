"""`labbook tidy`: move aside what is not asked for any more."""

import argparse
from contextlib import nullcontext
from pathlib import Path

from labbook.errors import LabbookError
from labbook.provenance.dvc_records import refuse_untracked_params
from labbook.provenance.graph import Graph
from labbook.provenance.locks import alone
from labbook.wording import count, few

HELP = (
    "Move what params.yaml no longer asks for out of data and results, into .labbook/attic; "
    "runs come back from there by themselves when they are asked for again. Files that labbook "
    "has not made stay where they are."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("folder", nargs="?", type=Path, help="only under this, such as data/raw")
    parser.add_argument("--yes", action="store_true", help="do it; without: only say what")
    parser.add_argument(
        "--made",
        action="store_true",
        help="refuse unless all that is asked for is there (what dvc.yaml asks before DVC records)",
    )


def run(options: argparse.Namespace) -> None:
    """Move aside what params.yaml no longer asks for, or only say what."""
    tidy(options.folder or Path(), made=options.made, move=options.yes)


def tidy(folder: Path, *, made: bool, move: bool = True) -> None:
    """Move aside what is not asked for under a folder, or only say what.

    `made`: refuse to move anything unless all that is asked for is there.
    """
    from labbook.provenance.attic import move_aside
    from labbook.provenance.ownership import foreign, unasked

    with alone() if move else nullcontext():
        graph = Graph.load()
        if move and made:
            refuse_untracked_params()
            _refuse_unmade(graph, folder)
        paths = [path for path in unasked(graph) if path.is_relative_to(folder)]
        others = [path for path in foreign(graph) if path.is_relative_to(folder)]
        size = sum(path.stat().st_size for path in paths) / 1e6
        files = f"{count(len(paths), 'file')}, {size:.1f} MB"
        if move:
            move_aside(paths)
        if others:  # DVC records all that lies in its folders, also what is not labbook's
            print(
                f"Left as it is, being no work of labbook's, or changed since: {few(others)}. In "
                "results, data/raw, data/prepared and data/selected DVC records it with the rest; "
                "notes and tables are better kept elsewhere, such as in notes/ and tables/."
            )
        if not paths:
            print("Nothing to tidy.")
        elif move:
            print(f"{files} moved to .labbook/attic.")
        else:
            print("\n".join([*map(str, paths), f"{files} to move; repeat with --yes."]))


def _refuse_unmade(graph: Graph, folder: Path) -> None:
    """DVC records params.yaml as it is after the work: it must be what the work was done for."""
    from labbook.provenance.checksums import Sums, is_fresh

    nodes = [node for node in graph.nodes.values() if node.key_file.is_relative_to(folder)]
    sums = Sums()
    stale = [node.name for node in nodes if not is_fresh(node, sums)]
    if stale:
        raise LabbookError(
            f"{', '.join(stale)}: not made, or not for what params.yaml and the code say now; they "
            "have changed since the work began. Nothing was recorded; run the same command again."
        )
