"""`labbook said`: which claims stood in a commit before their runs were made."""

import argparse
import json
from typing import TYPE_CHECKING

from labbook.commands.print_table import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labbook.history.dropped import Dropped
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
    from labbook.history.said import LESSON, what_was_said
    from labbook.provenance.graph import Graph
    from labbook.wording import count

    told = what_was_said(Graph.load())
    found, dropped = told.claims, told.dropped
    if options.json:
        claims, gone = [one.plain() for one in found], [one.plain() for one in dropped]
        print(json.dumps({"claims": claims, "dropped": gone}, indent=1))
        return
    if not found:
        print("params.yaml has no claims: docs/params.md says how one is written.")
        _print_dropped(dropped)
        return
    names = ("claim", "verdict", "said", "claim since", "runs", "on fresh seeds")
    rows = [
        (
            one.claim.id, one.verdict or "none yet", one.when.said, _shown(one.when.since),
            f"{one.when.how} {_shown(one.when.made)}" if one.when.made else "",
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
            print(f"{one.claim.id}: but {one.remark}.")
    _print_dropped(dropped)
    late = [one for one in found if one.needs_confirmation]
    if any(one.when.said == AFTER for one in found):
        print(LESSON)
    if late:
        them = "it" if len(late) == 1 else "them"
        print(
            f"{count(len(late), 'claim')} said after: `labbook confirm` asks for fresh seeds that "
            f"test {them}."
        )


def _print_dropped(dropped: "Sequence[Dropped]") -> None:
    from labbook.wording import plain

    for one in dropped:
        print(f"{one.how}: {one.claim.id} of {one.claim.study}, {plain(one.claim.sentence)}")


def _shown(commit: "Commit | None") -> str:
    return f"{commit.short} {commit.date[:10]}" if commit else "no commit"
