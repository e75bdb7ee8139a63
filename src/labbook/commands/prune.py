"""`labbook prune`: remove for good the runs that nobody owns any more."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from labbook.commands import at_least_one
from labbook.errors import LabbookError
from labbook.provenance.graph import Graph
from labbook.provenance.locks import a_job_is_at_work, alone
from labbook.wording import count

if TYPE_CHECKING:
    from labbook.housekeeping.prune import Survey

HELP = (
    "Remove for good the run files, in .labbook/attic and results/runs, that neither params.yaml "
    "asks for nor any branch, tag, remote or experiment has. Says first what it would remove."
)
MOST = 5  # reasons that are named


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument(
        "--keep",
        type=at_least_one("commits"),
        metavar="N",
        help="of each branch keep only what its newest N commits have, and all tags",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> None:
    """Say which runs nobody owns, ask, and remove them. Champions of any commit stay."""
    from labbook.housekeeping.prune import gc_command, survey

    overview = survey(Graph.load(), options.keep)
    _say(overview)
    if overview.paths and (options.yes or _agreed()):
        _remove(set(overview.paths), options.keep)
    print(f"DVC's cache is as it was. To free it likewise: {gc_command(options.keep)}")
    if options.keep is not None:
        print("That takes champions of other commits, too: `labbook models get` them first, or")
        print("`git tag` their commits.")


def _say(overview: "Survey") -> None:
    from labbook.housekeeping.prune import total
    from labbook.paths import ATTIC, RUNS

    for what, groups in (("Keep:", overview.kept), ("Remove:", overview.removed)):
        print(what)
        for reason, paths in groups.items():
            print(f"  {count(len(paths), 'file'):>12} {total(paths) / 1e6:>9.1f} MB  {reason}")
        if not groups:
            print("  nothing")
    if overview.unknown:
        print("Not all is known, so that no run can be ruled out to be of a commit:")
        print("\n".join(f"  {text}" for text in overview.unknown[:MOST]))
    # The attic holds tables and data, too: they are small, and not labbook's to judge.
    others = [p for p in ATTIC.rglob("*") if p.is_file() and p.parent != ATTIC / RUNS]
    if others:
        files, size = count(len(others), "file"), total(others) / 1e6
        print(f"{ATTIC} also has {files} of data and tables, {size:.1f} MB: left.")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        print("Nothing was removed: repeat with --yes.")
        return False
    return input("Remove them for good? [y/N] ").strip().lower() in ("y", "yes")


def _remove(agreed: set[Path], keep: int | None) -> None:
    """Remove what was agreed to, with the folder to itself; to look takes no lock.

    The answer may have taken a day: what has an owner now stays. A job may have outlived its
    Snakemake, and reads run files that it is given.
    """
    from labbook.housekeeping.prune import remember, survey, total

    with alone():
        if a_job_is_at_work():
            raise LabbookError(
                "A job of a Snakemake that was killed is still at work in this folder. Prune when "
                "it has ended (`ps`), or end it."
            )
        overview = survey(Graph.load(), keep)
        paths = [path for path in overview.paths if path in agreed]
        remember(overview)
        size = total(paths)
        for path in paths:
            path.unlink()
    print(f"{count(len(paths), 'file')}, {size / 1e6:.1f} MB removed.")
