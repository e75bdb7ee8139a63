"""`labbook tidy`: move aside what is not asked for any more."""

import argparse
from pathlib import Path

from labbook.graph import Graph

HELP = (
    "Move what params.yaml no longer asks for out of data and results, into .labbook/attic; "
    "runs come back from there by themselves when they are asked for again."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("folder", nargs="?", type=Path, help="only under this, such as data/raw")
    parser.add_argument("--yes", action="store_true", help="do it; without: only say what")


def run(options: argparse.Namespace) -> None:
    """Move aside what params.yaml no longer asks for."""
    from labbook.attic import move_aside, unasked

    paths = unasked(Graph.load())
    if options.folder is not None:
        paths = [path for path in paths if path.is_relative_to(options.folder)]
    size = sum(path.stat().st_size for path in paths) / 1e6
    if not options.yes and paths:
        print("\n".join(map(str, paths)))
    verb = "moved to .labbook/attic" if options.yes else "to move; repeat with --yes"
    if options.yes:
        move_aside(paths)
    print(f"{len(paths)} files, {size:.1f} MB {verb}." if paths else "Nothing to tidy.")
