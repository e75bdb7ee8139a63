"""`labbook compare`: two states side by side, and what made the difference."""

import argparse
import json

from labbook.commands.print_table import print_table

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
    from labbook.history.changes import shortened
    from labbook.history.comparison import compare
    from labbook.history.state import state_of

    a, b = options.a, options.b
    comparison = compare(state_of(a), state_of(b))
    if options.json:
        print(json.dumps({"a": a, "b": b, **comparison.plain()}, indent=1))
        return
    a, b = (a, b) if a != b else (f"{a} (a)", f"{b} (b)")
    for head, pairs in (("claim", comparison.claims), ("study", comparison.bests)):
        if pairs:
            # A row whose sides differ in more than digits is marked.
            rows = [("*" if pair.differs else "", pair.name, *pair.texts) for pair in pairs]
            print_table(("", head, a, b), rows)
            print()
    shared, only_a, only_b = comparison.runs
    print(f"runs: {shared} shared, {only_a} only in {a}, {only_b} only in {b}")
    causes = comparison.causes.parts()
    if not causes:
        print("params, data, code and libraries are the same")
    for name, texts in causes:
        for place, text in enumerate(shortened(texts, most=20)):
            print(f"{'' if place else name:<10}{text}")
