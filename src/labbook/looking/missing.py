"""Of each study and tuning that is not finished: why, and what to do about it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from labbook.files import read_json
from labbook.looking.state import Failure, State
from labbook.plan.tunings import TuningPlan
from labbook.provenance.nodes_of_tunings import step_file, step_node
from labbook.report.missing import MissingStudy
from labbook.running.job_logs import log_of
from labbook.wording import count, few, plain

MOST_NAMED = 3  # failures of one study
MOST_LISTED = 8  # studies with one reason
AGAIN = "run the same command again; what is done stays done."
TOGETHER = "claims"  # the job that puts the claims of all studies into one table
ALL = "all claims together"


def missing_studies(state: State) -> list[MissingStudy]:
    """The studies that are not finished, in the order of params.yaml.

    And, where it failed, the table of all claims: without it there is no report either.
    """
    missing = [
        _missing(state, study.name, study.failures)
        for study in state.studies.values()
        if not study.finished
    ]
    if not missing and (failures := state.failures_above(TOGETHER)):
        why, what_to_do = _why(failures), _what_to_do(failures)
        missing.append(MissingStudy(ALL, why, what_to_do, is_study=False))
    return missing


def missing_tunings(state: State) -> list[MissingStudy]:
    """The tunings whose page is not there, in the order of params.yaml, and how far they came."""
    tunings = state.graph.plan.tunings
    return [_missing_tuning(state, tunings[name]) for name in tunings if name not in state.tunings]


def _missing_tuning(state: State, tuning: TuningPlan) -> MissingStudy:
    """Why a tuning lacks, how many of its steps are made, and what the last of these says."""
    missing = _missing(state, f"tune.{tuning.name}", state.failures_above(f"tuned/{tuning.name}"))
    there = takewhile(lambda step: state.is_fresh(step_node(tuning, step)), tuning.steps)
    if not (made := list(there)):
        return replace(missing, is_study=False)
    came_to = f"{len(made)} of {len(tuning.steps)} steps are made; the last of them says:"
    said = read_json(step_file(tuning, made[-1]))["said"]
    return replace(missing, is_study=False, came_to=came_to, said=said)


def _missing(state: State, name: str, failures: Sequence[Failure]) -> MissingStudy:
    if failures:
        return MissingStudy(name, _why(failures), _what_to_do(failures))
    if state.at_work or state.in_work:
        return MissingStudy(name, "in the making.", "Wait until it is finished.", failed=False)
    return MissingStudy(name, "not made yet.", f"To go on, {AGAIN}", failed=False)


def _why(failures: Sequence[Failure]) -> str:
    texts = [f"{failure.node}: {failure.why}" for failure in failures[:MOST_NAMED]]
    more = len(failures) - len(texts)
    return " ".join([*texts, *([f"And {count(more, 'job')} more failed."] if more else [])])


def _what_to_do(failures: Sequence[Failure]) -> str:
    logs = f"See {log_of(failures[0].node)}"
    if failures[0].killed:
        return f"{logs}. Then {AGAIN} If memory was short, use fewer cores (--cores 1)."
    return f"{logs}. Mend what it says, then {AGAIN}"


def lines_of(missing: Sequence[MissingStudy]) -> list[str]:
    """What lacks, for a terminal: a line each, what several have in common said once."""
    lines: list[str] = []
    reasons: dict[tuple[str, str], list[str]] = {}
    for study in missing:
        reasons.setdefault((study.why, study.what_to_do), []).append(study.name)
    for (why, what_to_do), names in reasons.items():
        lines.append(f"  {plain(few(names, MOST_LISTED))}: {plain(why)} {plain(what_to_do)}")
    return lines
