"""The commands of the command line: a module each, and its name here.

A module has `HELP`, `run(options)` and, where something may follow the command's name,
`arguments(parser)`. Only the module of the command asked for is imported. What needs torch or
pandas is imported where it is used.
"""

import argparse
from collections.abc import Callable

NAMES = (
    "new",
    "check",
    "plan",
    "summary",
    "show",
    "watch",
    "report",
    "log",
    "table",
    "figures",
    "costs",
    "data",
    "model",
    "history",
    "compare",
    "said",
    "confirm",
    "tune",
    "models",
    "predict",
    "export",
    "verify",
    "recreate",
    "tidy",
    "prune",
    "fresh",
    "stage",
    "reference",
    "job",
)


def at_least_one(of_what: str) -> Callable[[str], int]:
    """What an option's text must be: a number of commits, say, 1 or more."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < 1:
            raise argparse.ArgumentTypeError(f"{text}: a number of {of_what}, 1 or more, is wanted")
        return int(text)

    return read
