"""The command line: what people type, and what the rules call."""

import argparse
import os
import sys
from pathlib import Path

from labbook import __version__
from labbook.addresses import shown
from labbook.commands import COMMANDS
from labbook.errors import LabbookError


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code: the command's (0 where it gives none), or 1 after a
    message on standard error.
    """
    if arguments is None:
        _use_code_of_this_folder()
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except LabbookError as error:
        print(f"labbook: {shown(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("labbook: interrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        sys.stderr.close()
    return 0


def _use_code_of_this_folder() -> None:
    """Begin again with the folder's own labbook, as the Snakefile does, if it has one.

    What is installed may be that of another clone, whose keys and run ids are others.
    """
    own = Path("src/labbook")
    if (own / "cli.py").exists() and not own.samefile(Path(__file__).parent):
        path = os.pathsep.join(filter(None, ["src", os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", "labbook", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="labbook",
        description="Reproducible studies of small neural networks.",
        epilog="Commands read params.yaml, or the file that the variable LABBOOK_PARAMS names.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands_of = parser.add_subparsers(required=True, metavar="COMMAND")

    for name, command in COMMANDS.items():
        added = commands_of.add_parser(name, help=command.HELP, description=command.HELP)
        command.arguments(added)
        added.set_defaults(run=command.run)
    return parser
