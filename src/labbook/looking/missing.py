"""Of each study and tuning that is not finished: why, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from labbook.looking.state import Failure, State, StudyState
from labbook.looking.tunings import TuningState
from labbook.report.missing import MissingStudy
from labbook.running.job_logs import AGAIN, NOTHING_FAILED, log_of
from labbook.wording import count, few, plain

MOST_NAMED = 3  # failures of one study
MOST_LISTED = 8  # studies with one reason
EDITED = "params.yaml, the code or the data have been edited meanwhile."
TOGETHER = "claims"  # the job that puts the claims of all studies into one table
ALL = "all claims together"


def missing_studies(state: State) -> list[MissingStudy]:
    """The studies that are not finished, in the order of params.yaml.

    And, where it failed, the table of all claims: without it there is no report either.
    """
    missing = [_missing(state, study) for study in state.studies.values() if not study.finished]
    if not missing and (failures := state.failures_above(TOGETHER)):
        why, what_to_do = _why(failures), _what_to_do(failures)
        missing.append(MissingStudy(ALL, why, what_to_do, is_study=False))
    return missing


def missing_tunings(tunings: Iterable[TuningState]) -> list[MissingStudy]:
    """Those of the tunings that are not finished, and how far they came."""
    return [_missing_tuning(tuning) for tuning in tunings if not tuning.whole]


def _missing_tuning(tuning: TuningState) -> MissingStudy:
    """Why a tuning lacks, how many of its steps are made, and what the last of these says."""
    name, found = tuning.plan.name, tuning.found
    missing = MissingStudy(name, f"{tuning.outcome}.", f"To make it: {tuning.way}", failed=False)
    if tuning.failures:
        missing = _failed(name, tuning.failures)
    if not found:
        return replace(missing, is_study=False)
    came_to = f"{tuning.plan.reached(len(found))} steps are made; the last of them says:"
    return replace(missing, is_study=False, came_to=came_to, said=found[-1]["said"])


def _failed(name: str, failures: Sequence[Failure]) -> MissingStudy:
    return MissingStudy(name, _why(failures), _what_to_do(failures))


def _missing(state: State, study: StudyState) -> MissingStudy:
    if study.failures:
        return _failed(study.name, study.failures)
    name = study.name
    if study.overtaken:
        return MissingStudy(name, EDITED, NOTHING_FAILED, failed=False)
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
