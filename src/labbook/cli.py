"""The command line: what people type, and what the rules call."""

import argparse
import sys

from labbook import __version__
from labbook.commands import COMMANDS
from labbook.errors import LabbookError


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, or 1 after a message on standard error."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except LabbookError as error:
        print(f"labbook: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("labbook: interrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        sys.stderr.close()
    return 0


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
