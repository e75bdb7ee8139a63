"""`labbook show`: how far the work is and what came out, in the terminal."""

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labbook.commands.print_table import print_table
from labbook.errors import LabbookError

if TYPE_CHECKING:
    from labbook.looking.show import Table

HELP = (
    "How far the work is, what failed, and what came out: of all studies a line each, or one study "
    "with its answer, combinations and claims. Also while work goes on, which it does not disturb."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("study", nargs="?", help="only this study, with all that it says")


def run(options: argparse.Namespace) -> None:
    """Print the state of all studies, or of one."""
    from labbook.looking.bars import signs
    from labbook.looking.show import of_study, overview
    from labbook.looking.state import State

    state = State()
    if options.study is None:
        _print(overview(state, signs()))
        return
    if options.study not in state.studies:
        raise LabbookError(
            f"{options.study}: params.yaml has no such study. It has: {', '.join(state.studies)}."
        )
    _print(of_study(state, options.study, signs()))


def _print(parts: "Iterable[str | Table]") -> None:
    from labbook.looking.show import columns, style_of, wrapped

    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    for part in parts:
        if isinstance(part, str):
            print("\n".join(wrapped(part, columns())))
        else:
            print_table(part.names, part.rows, style_of)
