"""`labbook compare`: two states side by side, and what made the difference."""

import argparse
import json
from typing import TYPE_CHECKING

from labbook.commands.table import print_table

if TYPE_CHECKING:
    from labbook.history.comparison import Comparison

HELP = (
    "Two commits, branches, tags or DVC experiments side by side, or one and the workspace: "
    "verdicts, effects, bests, runs, and what made the difference."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("a", help="a commit, branch, tag, DVC experiment or `workspace`")
    parser.add_argument("b", nargs="?", default="workspace", help="the same; left out: workspace")
    parser.add_argument("--json", action="store_true", help="all of it, for programs")


def run(options: argparse.Namespace) -> None:
    """Print what two states have in common and what not."""
    from labbook.history.comparison import compare
    from labbook.history.state import state_of

    a, b = options.a, options.b
    comparison = compare(state_of(a), state_of(b))
    if options.json:
        print(json.dumps({"a": a, "b": b, **comparison.plain()}, indent=1))
        return
    _print_results(comparison, *((a, b) if a != b else (f"{a} (a)", f"{b} (b)")))
    _print_causes(comparison)


def _print_results(comparison: "Comparison", a: str, b: str) -> None:
    claims = [(mark(claim.differs), claim.name, *claim.texts) for claim in comparison.claims]
    bests = [(mark(best.differs), best.name, *best.texts) for best in comparison.bests]
    for head, rows in (("claim", claims), ("study", bests)):
        if rows:
            print_table([("", head, a, b), *rows])
            print()
    shared, only_a, only_b = comparison.runs
    print(f"runs: {shared} shared, {only_a} only in {a}, {only_b} only in {b}")


def _print_causes(comparison: "Comparison") -> None:
    """What differs besides results."""
    from labbook.history.changes import shortened

    causes = comparison.causes.parts()
    if not causes:
        print("params, data, code and libraries are the same")
    for name, texts in causes:
        for place, text in enumerate(shortened(texts, most=20)):
            print(f"{'' if place else name:<10}{text}")


def mark(differs: bool) -> str:
    """What stands before a row whose sides differ in more than digits."""
    return "*" if differs else ""
