"""The command line: what people type, and what the rules call."""

import argparse
import sys
from pathlib import Path

from labbook import __version__, commands
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

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        added = commands_of.add_parser(name, help=text, description=text)
        added.set_defaults(run=function)
        return added

    command("check", commands.check, "Validate params.yaml; all mistakes at once.")
    command("plan", commands.plan, "Studies, combinations, runs to do and done, estimated cost.")
    command("summary", commands.summary, "The report's main lines.")

    command("costs", commands.costs, "Measured seconds per epoch and run, by combination.")

    data = command("data", commands.data, commands.DATA_HELP)
    data.add_argument("name", nargs="?", help="a data set of params.yaml; left out: list all")
    data.add_argument(
        "edition",
        nargs="?",
        choices=["real", "stand-in"],
        help="fetch this edition now and use it from now on",
    )

    model = command("model", commands.model, "Layers, shapes and parameters of a recipe's model.")
    model.add_argument("recipe", help="a recipe of params.yaml")
    model.add_argument("--inputs", type=int, help="columns, where the data are not prepared yet")

    prune = command(
        "prune",
        commands.prune,
        "Move what params.yaml no longer asks for out of data and results, into .labbook/attic; "
        "runs come back from there by themselves when they are asked for again.",
    )
    prune.add_argument("folder", nargs="?", type=Path, help="only under this one, such as data/raw")
    prune.add_argument("--yes", action="store_true", help="do it; without: only say what")

    reference = command(
        "reference", commands.reference, "Write docs/params.md and docs/params.schema.json."
    )
    reference.add_argument("--folder", type=Path, default=Path("docs"))

    job = command("job", commands.job, "What the rules call: make one node of the plan.")
    job.add_argument("node", help="such as prepare/covid or train/covid-width-000")
    job.add_argument("--asked", help="refuse unless this is what is asked for")
    job.add_argument("--log", type=Path, help="also write what happens to this file")
    return parser
