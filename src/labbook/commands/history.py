"""`labbook history`: how verdicts and bests changed over the commits."""

import argparse
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labbook.errors import LabbookError

if TYPE_CHECKING:
    from labbook.history.timeline import Entry

HELP = (
    "How each claim's verdict and each study's best changed over the commits, newest first, and "
    "what was edited. Reads dvc.lock, git and DVC's cache; checks nothing out."
)
REPORT = Path("results/report.html")
PAGE = Path("report-with-history.html")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("revision", nargs="?", help="a branch, tag, commit or experiment")
    parser.add_argument("--all", action="store_true", help="all branches, tags and experiments")
    parser.add_argument("--json", action="store_true", help="all of it, for programs")
    parser.add_argument(
        "--html",
        nargs="?",
        type=Path,
        const=PAGE,
        metavar="FILE",
        help=f"write a copy of {REPORT} with the history in it; FILE is {PAGE} if left out",
    )


def run(options: argparse.Namespace) -> None:
    """Print the history, or write the report with it."""
    from labbook.history import git as commits
    from labbook.history.timeline import timeline

    revisions = [commits.resolve(options.revision).hash] if options.revision else []
    entries = timeline(*(commits.kept() if options.all else revisions))
    if options.html is not None:
        _write_page(entries, options.html)
    elif options.json:
        print(json.dumps([entry.plain() for entry in entries], indent=1))
    elif not entries:
        print("No commit has results yet: `dvc repro`, then `git add -A && git commit`.")
    else:
        print("\n\n".join("\n".join(_lines(entry)) for entry in entries))


def _write_page(entries: "list[Entry]", path: Path) -> None:
    from labbook.files import write_text
    from labbook.history.page import with_history
    from labbook.history.said import Told, what_was_said
    from labbook.provenance.graph import Graph
    from labbook.wording import count

    if path.resolve() == REPORT.resolve():
        raise LabbookError(
            f"{path}: the report itself stays as it is, a function of results alone. Give another "
            f"name, such as {PAGE}."
        )
    told = Told([], [])
    with suppress(LabbookError):  # the history is told also where params.yaml is not right now
        told = what_was_said(Graph.load())
    write_text(path, with_history(REPORT, entries, told))
    print(f"{path}: the report with the history of {count(len(entries), 'commit')}.")


def _lines(entry: "Entry") -> Iterator[str]:
    """An entry as lines of the terminal."""
    from labbook.history.changes import RESULTS, shortened
    from labbook.wording import plain

    yield " ".join(filter(None, (entry.name, entry.day, plain(entry.subject))))
    for name, texts in entry.parts():
        for place, text in enumerate(shortened(texts, most=8 if name in RESULTS else 4)):
            yield f"  {'' if place else name:<10}{plain(text)}"
