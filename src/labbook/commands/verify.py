"""`labbook verify`: is everything whole, and what this folder's params and code make?"""

import argparse
import json
import sys

from labbook.certificate.check import DAMAGED, check, compare_with_lock
from labbook.commands import at_least_one
from labbook.commands.findings import (
    DAMAGED_FILES,
    Certificate,
    document,
    print_findings,
    print_verdict,
)
from labbook.errors import LabbookError
from labbook.provenance.locks import a_job_is_at_work, alone, at_work
from labbook.wording import count

HELP = (
    "Check, without training, that every file is as its job left it, was made for this folder's "
    "params.yaml and code, and is what dvc.lock records."
)
EPILOG = (
    "Exit codes: 0 all is whole; 1 it could not be checked, or no run be made again; 3 something "
    "is missing or stale; 4 a file is damaged, or not the one that dvc.lock records; 5 a run that "
    "was made again differs, be it by rounding on the same kind of processor. Of several the "
    "highest. See docs/certificate.md."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.epilog = EPILOG
    parser.add_argument("--json", action="store_true", help="all findings, for programs")
    parser.add_argument(
        "--mend",
        action="store_true",
        help=f"move damaged files to {DAMAGED_FILES}; snakemake then makes these anew",
    )
    parser.add_argument(
        "--recreate",
        type=at_least_one("runs"),
        metavar="N",
        help="also train so many runs again, drawn at random, and compare their bits",
    )
    parser.add_argument(
        "--seed", type=int, help="which runs are drawn; left out: it follows from the results"
    )


def run(options: argparse.Namespace) -> int:
    """Check, say what was found and what to do about it; returns the exit code."""
    certificate = _checked_and_mended() if options.mend else _checked()
    if not options.json:
        print_findings(certificate)
    if options.recreate is not None:
        _recreate(certificate, options.recreate, options.seed)
    if options.json:
        print(json.dumps(document(certificate), indent=1))
    else:
        print_verdict(certificate)
    return certificate.code


def _checked() -> Certificate:
    before = at_work()
    result = check()
    return Certificate(result, compare_with_lock(result.whole), beside=before or at_work())


def _checked_and_mended() -> Certificate:
    """Check and move what is damaged, alone: a file that is being written looks damaged, too."""
    from labbook.provenance.attic import move_aside

    with alone():
        if a_job_is_at_work():
            raise LabbookError(
                "A job of a Snakemake that was killed is still at work in this folder. Mend when "
                "it has ended (`ps`), or end it."
            )
        result = check()
        for finding in result.of(DAMAGED):
            move_aside([path for path in finding.files if path.exists()], DAMAGED_FILES)
        return Certificate(result, compare_with_lock(result.whole), moved=True)


def _recreate(certificate: Certificate, number: int, seed: int | None) -> None:
    """Make runs again. What keeps them from it is a finding of its own, and hides no other."""
    from labbook.certificate.recreate import draw, recreate_sample, seed_of

    certificate.seed = seed_of(certificate.check) if seed is None else seed
    try:
        places = draw(certificate.check, number, certificate.seed)
        runs = count(len(places), "run")
        print(f"making {runs} again, drawn by --seed {certificate.seed}", file=sys.stderr)
        certificate.again = recreate_sample(places)
    except LabbookError as error:
        certificate.failed = str(error)
