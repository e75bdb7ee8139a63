"""`labbook show`: how far the work is and what came out, in the terminal."""

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labbook.commands.print_table import print_table
from labbook.errors import LabbookError
from labbook.params.load import params_path
from labbook.params.messages import nearest

if TYPE_CHECKING:
    from labbook.looking.show import Table

HELP = (
    "How far the work is, what failed, and what came out: of all studies and tunings a line each, "
    "or one study with its answer, combinations and claims, or one tuning with what its steps "
    "found. Also while work goes on, which it does not disturb."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("name", nargs="?", help="only this study or tuning, with all that it says")


def run(options: argparse.Namespace) -> None:
    """Print the state of all studies and tunings, or of one."""
    show(options.name)


def show(name: str | None) -> None:
    """Print all of a study or tuning, or of each a line. Raises `LabbookError` for no such name."""
    from labbook.looking.bars import signs
    from labbook.looking.show import of_study, of_tuning, overview
    from labbook.looking.state import State

    state = State()
    if name is None:
        _print(overview(state, signs()))
    elif name in state.graph.plan.studies:
        _print(of_study(state, name, signs()))
    elif name in state.graph.plan.tunings:
        _print(of_tuning(state, name))
    else:
        names = nearest(name, [*state.graph.plan.studies, *state.graph.plan.tunings])
        raise LabbookError(f"{params_path()} has no study or tuning {name!r}; {names}.")


def _print(parts: "Iterable[str | Table]") -> None:
    from labbook.looking.show import columns, style_of, wrapped

    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    for part in parts:
        if isinstance(part, str):
            print("\n".join(wrapped(part, columns())))
        else:
            print_table(part.names, part.rows, style_of)
