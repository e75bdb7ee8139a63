"""`labbook report`: a page of what there is, at any time."""

import argparse
import sys

HELP = (
    "Write results/report.html of the studies that are finished, also while work goes on or after "
    "it failed: the page says on top which ones lack, why, and what to do. Exit code 1 where some "
    "lack. The whole page is Snakemake's work: snakemake results/report.html."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument(
        "--ended", action="store_true", help="the work has just ended (the rules say so)"
    )


def run(options: argparse.Namespace) -> int:
    """Write the page, and say what it lacks; 1 if it lacks something."""
    from labbook.looking.missing import lines_of
    from labbook.looking.part_page import NothingFinishedError, write_part
    from labbook.wording import count

    try:
        part = write_part(ended=options.ended)
    except NothingFinishedError:
        if options.ended:
            return 1  # what failed has been told
        raise
    if part is None:
        print("results/report.html: is there, of all studies.", file=sys.stderr)
        return 0
    print(
        f"results/report.html: a page of {count(len(part.studies), 'study', 'studies')}"
        f"{', not the whole report. Missing:' if part.missing else ', which is all.'}",
        *lines_of(part.missing),
        sep="\n",
        file=sys.stderr,
    )
    return 1 if part.missing else 0
