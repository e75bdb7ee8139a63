"""`labbook log`: what the work has cost, as a page."""

import argparse
from contextlib import suppress

from labbook.errors import LabbookError
from labbook.wording import count

HELP = (
    "Write results/log.html: jobs over time, the longest, memory, failures, totals by rule. It "
    "follows from results/log; snakemake writes it after each run."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("--quiet", action="store_true", help="say nothing, not even that none is")


def run(options: argparse.Namespace) -> None:
    """Write the page."""
    from labbook.looking.log_page import PAGE, write_log_page

    if options.quiet:
        with suppress(LabbookError):
            write_log_page()
    else:
        print(f"{PAGE}: times and memory of {count(write_log_page(), 'job')}.")
