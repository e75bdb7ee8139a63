"""The command line: what people type, and what the rules call."""

import argparse
import importlib
import os
import re
import sys
from pathlib import Path

from labbook import __version__
from labbook.addresses import shown
from labbook.commands import NAMES
from labbook.errors import LabbookError

VARIABLE = "LABBOOK_SRC"  # 1: run the folder's own code; 0: the installed code
ASKING = {"--version", "-h", "--help"}  # arguments with which nothing is done


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code: the command's (0 where it gives none), or 1 after a
    message on standard error.
    """
    try:
        if arguments is None and _is_to_use_code_of_this_folder(sys.argv[1:]):
            _begin_again()
        options = _parser(sys.argv[1:] if arguments is None else arguments).parse_args(arguments)
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


def _is_to_use_code_of_this_folder(arguments: list[str]) -> bool:
    """Whether another labbook, in ./src, is to answer: what is installed may be another clone's.

    Anybody may have sent the folder. So its code runs where the user said so, and where other code
    of the folder runs already: DVC at a stage of its dvc.yaml, or the Python of its own .venv.
    Raises `LabbookError` where the user has to say which of the two is meant.
    """
    own, setting = Path("src/labbook"), os.environ.get(VARIABLE)
    if not (own / "cli.py").exists() or own.samefile(Path(__file__).parent) or setting == "0":
        return False
    here = Path(sys.prefix).name == ".venv" and Path(sys.prefix).parent.samefile(".")
    if setting == "1" or "DVC_STAGE" in os.environ or here:
        return True
    if not arguments or ASKING & set(arguments):
        return False
    raise LabbookError(
        f"this folder has a labbook of its own in {own}, and the one installed is another, "
        f"{Path(__file__).parent}. Nothing was run. If you trust the folder's code: "
        f"`export {VARIABLE}=1` for all commands in this shell, or `make install` here and "
        f".venv/bin/labbook. With {VARIABLE}=0 the installed one answers."
    )


def _begin_again() -> None:
    """Run the same command with the folder's own code, as the Snakefile does."""
    path = os.pathsep.join(filter(None, ["src", os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "labbook", *sys.argv[1:]]
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """A parser of the command that the arguments begin with; of all where it is none."""
    parser = argparse.ArgumentParser(
        prog="labbook",
        description="Reproducible studies of small neural networks.",
        epilog="Commands read params.yaml, or the file that the variable LABBOOK_PARAMS names.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in [name for name in NAMES if name in arguments[:1]] or NAMES:
        command = importlib.import_module(f"labbook.commands.{name}")
        in_short = re.split(r"[.:;] ", command.HELP)[0].rstrip(".")
        added = commands.add_parser(name, help=f"{in_short}.", description=command.HELP)
        if hasattr(command, "arguments"):
            command.arguments(added)
        added.set_defaults(run=command.run)
    return parser
