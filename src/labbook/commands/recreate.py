"""`labbook recreate`: any recorded run, made again and compared bit for bit."""

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.commands.print_table import print_table

if TYPE_CHECKING:
    from labbook.certificate.remake import Recreated

HELP = (
    "Make a recorded run, combination or champion again, from the data on, in a temporary folder, "
    "and compare it bit for bit with what was recorded."
)
EPILOG = (
    "Exit codes: 0 identical, or the same but for rounding of another kind of processor; 1 it "
    "could not be made again; 3 of a champion only its run was made again; 5 it differs. See "
    "docs/certificate.md."
)
INCOMPLETE, DIFFERS = 3, 5
RECORDED = {  # a run within rounding, by whether it was recorded on this kind of processor
    True: "recorded on this kind of processor, where its bits should be the same: a finding",
    False: "recorded on another kind of processor, whose additions may round otherwise",
    None: "no log here says on which kind of processor it was recorded; on another one additions "
    "may round otherwise",
}
FIRST = ("valid_mse", "valid_accuracy", "test_mse", "test_accuracy")  # shown of several runs


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.epilog = EPILOG
    parser.add_argument(
        "what",
        help='a run id or its beginning; "STUDY/COMBINATION" by its label, all seeds; '
        "STUDY/champion",
    )
    parser.add_argument(
        "--commit", help="of this commit, branch, tag or experiment; left out: of this folder"
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[], help="of a combination only these seeds"
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="keep what was made there")
    parser.add_argument("--json", action="store_true", help="the result, for programs")


def run(options: argparse.Namespace) -> int:
    """Make it again and say how it compares; returns the exit code."""
    from labbook.certificate.recreate import recreate
    from labbook.history.state import WORKSPACE, state_of

    outcome = recreate(
        options.what,
        state_of(options.commit or WORKSPACE),
        seeds=options.seeds,
        output=options.output,
    )
    code = DIFFERS if outcome.differs else INCOMPLETE if outcome.incomplete else 0
    if options.json:
        document = {
            "exit_code": code,
            "runs": [entry(run) for run in outcome.runs],
            "champion": dict(outcome.champion),
            "only_its_run": outcome.incomplete,
            "note": outcome.note,
        }
        print(json.dumps(document, indent=1))
        return code
    print_runs(outcome.runs)
    for name, how in outcome.champion.items():
        print(f"champion/{name}: {how}")
    if outcome.note:
        print(f"Note: {outcome.note}.")
    runs = len(outcome.runs)
    same = sum(run.comparison.outcome == "identical" for run in outcome.runs)
    print(f"\n{same} of {runs} identical." if runs > 1 else "")
    if options.output is not None:
        print(f"What was made lies in {options.output}.")
    return code


def print_runs(runs: "Sequence[Recreated]") -> None:
    """A line per run and metric, recorded and made again, and how the files compare."""
    rows = []
    for run in runs:
        head: tuple[object, ...] = (run.run, f"{run.place.study}/{run.place.label}", run.place.seed)
        outcome = run.comparison.outcome
        for name in run.made.metrics:
            if len(runs) == 1 or name in FIRST:
                old = None if run.recorded is None else run.recorded.metrics.get(name)
                rows.append((*head, name, _number(old), _number(run.made.metrics[name]), outcome))
                head, outcome = ("", "", ""), ""
    print_table(("run", "combination", "seed", "metric", "recorded", "again", ""), rows)
    for run in runs:
        for line in _remarks(run):
            print(f"{run.run}: {line}")


def entry(run: "Recreated") -> dict[str, Any]:
    """A run made again as an entry of a JSON document."""
    compared = run.comparison
    return {
        "study": run.place.study,
        "combination": run.place.label,
        "seed": run.place.seed,
        "recorded_run": run.place.recorded,
        "run": run.run,
        "outcome": compared.outcome,
        "largest_difference": {
            "weights": _finite(compared.weights),
            "metrics": _finite(compared.metrics),
        },
        "made_from_other": list(compared.identity),
        "recorded_on_this_kind_of_processor": run.here,
        "note": compared.note,
        "metrics": {name: _finite(value) for name, value in run.made.metrics.items()},
        "recorded_metrics": None
        if run.recorded is None
        else {name: _finite(value) for name, value in run.recorded.metrics.items()},
    }


def _remarks(run: "Recreated") -> list[str]:
    """What there is to say of a run that is not the same bytes."""
    compared = run.comparison
    lines = [compared.note] if compared.note else []
    if compared.identity:
        lines.append(
            f"recorded as {run.place.recorded}, which was made from other "
            f"{', '.join(compared.identity)} than there are now"
        )
    if compared.weights and compared.metrics is not None:
        lines.append(
            f"largest difference of a weight {compared.weights:.1e} of the largest of its layer, "
            f"of a metric {compared.metrics:.1e} of it"
        )
    if compared.outcome == "within rounding" and not compared.identity:
        lines.append(RECORDED[run.here])
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.9g}"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
