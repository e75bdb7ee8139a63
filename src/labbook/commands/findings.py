"""What `labbook verify` has found: its exit code, in print, and for programs."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.certificate.check import DAMAGED, MISSING, STALE, STATES, Check, NodeState, Recorded
from labbook.commands.print_table import print_table
from labbook.commands.recreate import DIFFERS, entry, print_runs
from labbook.provenance.locks import BESIDE
from labbook.wording import count, listing

if TYPE_CHECKING:
    from labbook.certificate.remake import Recreated

NOT_MADE, NOT_THERE, NOT_WHOLE = 1, 3, 4
DAMAGED_FILES = Path(".labbook/damaged")
SHOWN, FEW = 20, 3  # nodes, damaged files, and missing ones that are named; --json has all
OTHERS = "not what dvc.lock records"
ADVICE = {
    MISSING: "`dvc pull` gets them, if they were pushed; `snakemake` makes them.",
    STALE: "made for other params or code than this folder's: `snakemake` makes them anew.",
    DAMAGED: "not what their jobs wrote. `labbook verify --mend` moves these files to "
    f"{DAMAGED_FILES}, so that snakemake makes them anew; `dvc checkout` may have them too.",
    OTHERS: "`dvc checkout` puts the recorded results back; `dvc commit` records these, if they "
    "are right.",
}
MOVED = f"moved to {DAMAGED_FILES}: `snakemake` makes these, and no others, anew."


@dataclass
class Certificate:
    """All that was found out: beside another at work or not, and of runs that were made again.

    `failed` says what kept them from being made.
    """

    check: Check
    recorded: Recorded
    moved: bool = False
    beside: bool = False
    seed: int | None = None
    again: "Sequence[Recreated]" = ()
    failed: str | None = None

    @property
    def code(self) -> int:
        """The exit code."""
        codes = [0 if self.failed is None else NOT_MADE]
        if self.check.of(MISSING, STALE) or (self.moved and self.check.of(DAMAGED)):
            codes.append(NOT_THERE)
        if self.recorded.others or (self.check.of(DAMAGED) and not self.moved):
            codes.append(NOT_WHOLE)
        if any(run.is_finding for run in self.again):
            codes.append(DIFFERS)
        return max(codes)


def print_findings(certificate: Certificate) -> None:
    """Print what was found of each kind of node, and what to do about it."""
    check, recorded = certificate.check, certificate.recorded
    if check.graph is not None:
        counts = Counter((finding.kind, finding.state) for finding in check.states)
        kinds = dict.fromkeys(finding.kind for finding in check.states)
        rows = [(kind, *(counts[kind, state] for state in STATES)) for kind in kinds]
        print_table(("", *STATES), rows)
    print(f"\nThe SHA-256 of {count(len(check.sums), 'file')} was compared.")
    print(_lock_line(recorded))
    if check.unasked:
        print(f"{count(check.unasked, 'file')} that nothing asks for (`labbook tidy`).")
    advice = ADVICE | ({DAMAGED: MOVED} if certificate.moved else {})
    lines = {state: list(map(_line, check.of(state))) for state in (DAMAGED, MISSING, STALE)}
    lines[OTHERS] = [str(path) for path in recorded.others]
    for problem in filter(lines.get, lines):
        print(f"\n{problem}" + ("" if certificate.beside else f": {advice[problem]}"))
        print("\n".join(f"  {line}" for line in lines[problem][:SHOWN]))
        if len(lines[problem]) > SHOWN:
            print(f"  and {len(lines[problem]) - SHOWN} more; --json names all")
        if check.graph is None and problem != OTHERS:
            print("  The rest could not be judged: what there should be follows from these files.")
    if certificate.beside:
        print(f"\n{BESIDE}")
    sys.stdout.flush()  # to make runs again takes a while


def print_verdict(certificate: Certificate) -> None:
    """Print how runs that were made again compare, and as the last line whether all is whole.

    It is by sums, and by bits where all of these runs have the same.
    """
    outcomes = Counter(run.comparison.outcome for run in certificate.again)
    if certificate.again:
        print(f"\nMade again, drawn by --seed {certificate.seed}:")
        print_runs(certificate.again)
        said = listing(f"{number} {outcome}" for outcome, number in outcomes.items())
        print(f"\nOf {count(len(certificate.again), 'run')} made again: {said}.")
    if certificate.failed is not None:
        print(f"\nNot made again: {certificate.failed}")
    by_sums = certificate.failed is not None or not outcomes.keys() <= {"identical"}
    whole = "All is whole" + (", as far as sums tell." if by_sums else ".")
    print("\n" + (whole if certificate.code in (0, NOT_MADE) else "Not all is whole."))


def _lock_line(recorded: Recorded) -> str:
    if recorded.why_not is not None:
        return f"Not compared with dvc.lock: {recorded.why_not.rstrip('.')}."
    which = f"as committed in {recorded.commit}" if recorded.commit else "which is not committed"
    if recorded.others:
        others = count(len(recorded.others), "key file")
        return f"dvc.lock, {which}, records {others} otherwise; see below."
    same = count(recorded.same, "key file")
    return f"dvc.lock, {which}, records these {same}, and they all other files."


def _line(finding: NodeState) -> str:
    """A node and its files, the first of many."""
    files = [str(path) for path in finding.files[: SHOWN if finding.state == DAMAGED else FEW]]
    more = len(finding.files) - len(files)
    text = ", ".join(files) + (f" and {more} more" if more else "")
    return finding.node + (f": {text}" if text else "")


def document(certificate: Certificate) -> dict[str, Any]:
    """All of it, for programs."""
    check, recorded = certificate.check, certificate.recorded
    return {
        "exit_code": certificate.code,
        "judged": check.graph is not None,
        "files": len(check.sums),
        "unasked": check.unasked,
        "nodes": [
            {
                "node": finding.node,
                "state": finding.state,
                "files": [path.as_posix() for path in finding.files],
            }
            for finding in check.states
        ],
        "dvc_lock": {
            "same": recorded.same,
            "others": [path.as_posix() for path in recorded.others],
            "not_compared": recorded.why_not,
            "commit": recorded.commit,
        },
        "mended": certificate.moved,
        "beside_another": certificate.beside,
        "seed": certificate.seed,
        "recreated": [entry(run) for run in certificate.again],
        "not_recreated": certificate.failed,
    }
