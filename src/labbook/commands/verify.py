"""`labbook verify`: is everything whole, and what this folder's params and code make?"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labbook.certificate.check import DAMAGED, MISSING, STALE, STATES, Check, check
from labbook.certificate.lock import Recorded, compare_with_lock
from labbook.commands.recreate import DIFFERS, entry, print_runs
from labbook.commands.table import print_table

HELP = (
    "Check, without training, that every file is as its job left it, was made for this folder's "
    "params.yaml and code, and is what dvc.lock records."
)
EPILOG = (
    "Exit codes: 0 all is whole; 1 it could not be checked; 3 something is missing or stale; 4 a "
    "file is damaged, or not the one that dvc.lock records; 5 a run that was made again differs. "
    "Of several the highest. See docs/certificate.md."
)
NOT_THERE, NOT_WHOLE = 3, 4
DAMAGED_FILES = Path(".labbook/damaged")
SHOWN, FEW = 20, 3  # nodes, damaged files, and missing ones that are named; --json has all


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
        type=int,
        metavar="N",
        help="also train so many runs again, drawn at random, and compare their bits",
    )
    parser.add_argument(
        "--seed", type=int, help="which runs are drawn; left out: it follows from the results"
    )


@dataclass
class Certificate:
    """All that was found out."""

    check: Check
    recorded: Recorded
    moved: bool = False
    seed: int | None = None
    again: Any = ()

    @property
    def code(self) -> int:
        """The exit code."""
        codes = [0]
        if self.check.of(MISSING, STALE) or (self.moved and self.check.of(DAMAGED)):
            codes.append(NOT_THERE)
        if self.recorded.others or (self.check.of(DAMAGED) and not self.moved):
            codes.append(NOT_WHOLE)
        if any(run.comparison.outcome == "different" for run in self.again):
            codes.append(DIFFERS)
        return max(codes)


def run(options: argparse.Namespace) -> int:
    """Check, say what was found and what to do about it; returns the exit code."""
    found = check()
    certificate = Certificate(found, compare_with_lock(found.whole))
    if options.recreate:
        _recreate(certificate, options.recreate, options.seed)
    if options.mend:
        _mend(certificate)
    if options.json:
        print(json.dumps(_document(certificate), indent=1))
    else:
        _print(certificate)
    return certificate.code


def _recreate(certificate: Certificate, count: int, seed: int | None) -> None:
    from labbook.certificate.sample import draw, recreate_sample, seed_of

    certificate.seed = seed_of(certificate.check) if seed is None else seed
    places = draw(certificate.check, count, certificate.seed)
    print(f"making {len(places)} runs again, drawn by --seed {certificate.seed}", file=sys.stderr)
    certificate.again = recreate_sample(places)


def _mend(certificate: Certificate) -> None:
    from labbook.attic import move_aside

    for finding in certificate.check.of(DAMAGED):
        move_aside([path for path in finding.files if path.exists()], DAMAGED_FILES)
    certificate.moved = True


def _print(certificate: Certificate) -> None:
    found = certificate.check
    counts = Counter((finding.kind, finding.state) for finding in found.findings)
    kinds = dict.fromkeys(kind for kind, _ in counts)
    if found.graph is not None:
        rows: list[tuple[str, ...]] = [("", *STATES)]
        rows += [(kind, *(str(counts[kind, state]) for state in STATES)) for kind in kinds]
        print_table(rows)
    print(f"\n{len(found.sums)} files were read and their SHA-256 compared.")
    print(_lock_line(certificate.recorded))
    if found.unasked:
        print(f"{found.unasked} files that nothing asks for (`labbook tidy`).")
    for state in (DAMAGED, MISSING, STALE):
        _print_problems(certificate, state)
    _print_others(certificate.recorded.others)
    if certificate.again:
        print(f"\nMade again, drawn by --seed {certificate.seed}:")
        print_runs(certificate.again)
    print("\n" + ("All is whole." if not certificate.code else "Not all is whole."))


def _lock_line(recorded: Recorded) -> str:
    if recorded.why_not is not None:
        return f"Not compared with dvc.lock: {recorded.why_not.rstrip('.')}."
    which = f"as committed in {recorded.commit}" if recorded.commit else "which is not committed"
    if recorded.others:
        return f"dvc.lock, {which}, records {len(recorded.others)} key files otherwise; see below."
    return f"dvc.lock, {which}, records these {recorded.same} key files, and they all other files."


def _print_problems(certificate: Certificate, state: str) -> None:
    findings = certificate.check.of(state)
    if not findings:
        return
    advice = {
        MISSING: "`dvc pull` gets them, if they were pushed; `snakemake` makes them.",
        STALE: "made for other params or code than this folder's: `snakemake` makes them anew.",
        DAMAGED: f"moved to {DAMAGED_FILES}: `snakemake` makes these, and no others, anew."
        if certificate.moved
        else "not what their jobs wrote. `labbook verify --mend` moves these files to "
        f"{DAMAGED_FILES}, so that snakemake makes them anew; `dvc checkout` may have them too.",
    }
    print(f"\n{state}: {advice[state]}")
    for finding in findings[:SHOWN]:
        files = [str(path) for path in finding.files[: SHOWN if state == DAMAGED else FEW]]
        more = len(finding.files) - len(files)
        text = ", ".join(files) + (f" and {more} more" if more else "")
        print(f"  {finding.node}" + (f": {text}" if text else ""))
    if len(findings) > SHOWN:
        print(f"  and {len(findings) - SHOWN} more; --json names all")
    if certificate.check.graph is None:
        print("  The rest could not be judged: what there should be follows from these files.")


def _print_others(paths: tuple[Path, ...]) -> None:
    if not paths:
        return
    print(
        "\nnot what dvc.lock records: `dvc checkout` puts the recorded results back; `dvc commit` "
        "records these, if they are right."
    )
    print("\n".join(f"  {path}" for path in paths[:SHOWN]))
    if len(paths) > SHOWN:
        print(f"  and {len(paths) - SHOWN} more; --json names all")


def _document(certificate: Certificate) -> dict[str, Any]:
    found, recorded = certificate.check, certificate.recorded
    return {
        "exit_code": certificate.code,
        "judged": found.graph is not None,
        "files": len(found.sums),
        "unasked": found.unasked,
        "nodes": [
            {"node": one.node, "state": one.state, "files": [path.as_posix() for path in one.files]}
            for one in found.findings
        ],
        "dvc_lock": {
            "same": recorded.same,
            "others": [path.as_posix() for path in recorded.others],
            "not_compared": recorded.why_not,
            "commit": recorded.commit,
        },
        "mended": certificate.moved,
        "seed": certificate.seed,
        "recreated": [entry(run) for run in certificate.again],
    }
