"""`labbook said`: which claims stood in a commit before their runs were made."""

import argparse
import json
from typing import TYPE_CHECKING

from labbook.commands.table import print_table

if TYPE_CHECKING:
    from labbook.history.git import Commit

HELP = (
    "Which claims stood in a commit before their runs were made, and which only after. Reads git, "
    "dvc.lock and results/log; checks nothing out."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("--json", action="store_true", help="all of it, for programs")


def run(options: argparse.Namespace) -> None:
    """Print a line for each claim."""
    from labbook.history.rule import AFTER
    from labbook.history.said import LESSON, claims_said
    from labbook.provenance.graph import Graph
    from labbook.wording import count

    found = claims_said(Graph.load())
    if options.json:
        print(json.dumps({"claims": [one.plain() for one in found]}, indent=1))
        return
    if not found:
        print("params.yaml has no claims: docs/params.md says how one is written.")
        return
    names = ("claim", "verdict", "said", "claim since", "runs", "on fresh seeds")
    rows = [
        (
            one.claim.id, one.verdict or "none yet", one.said, _shown(one.since),
            f"{one.how} {_shown(one.made)}" if one.made else "",
            f"{one.confirmation} ({one.by})" if one.by else "",
        )
        for one in found
    ]  # fmt: skip
    print_table(names, rows)
    print()
    for reason in dict.fromkeys(one.reason for one in found):
        print(f"{', '.join(one.claim.id for one in found if one.reason == reason)}: {reason}.")
    for one in found:
        if one.remark:
            print(f"{one.claim.id}: but {one.remark}. Who adds seeds after a look finds too much.")
    late = [one for one in found if one.needs_confirmation]
    if any(one.said == AFTER for one in found):
        print(LESSON)
    if late:
        them = "it" if len(late) == 1 else "them"
        print(
            f"{count(len(late), 'claim')} said after: `labbook confirm` asks for fresh seeds that "
            f"test {them}."
        )


def _shown(commit: "Commit | None") -> str:
    return f"{commit.short} {commit.date[:10]}" if commit else "no commit"
