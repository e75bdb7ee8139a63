"""Controls: a setting against itself, and a target of which nothing can be learnt.

The rules were written down before there were results: docs/evidence.md, "Controls".
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labbook.evaluate.claims.forms.better import compare
from labbook.evaluate.claims.outcome import DIFFERENCE, RATIO
from labbook.evaluate.claims.sides import Side, has_goal
from labbook.evaluate.claims.untestable import target_is_still, without_test
from labbook.evaluate.shuffled_target import measured_on_test_rows, p_of_knowing
from labbook.evaluate.statistics.controls import usual_difference
from labbook.evaluate.statistics.intervals import NAN, Interval, mean_interval, scaled, unscaled
from labbook.evaluate.study_runs import StudyRuns, read_study_runs
from labbook.evaluate.writing import write_table
from labbook.measures import is_ratio
from labbook.metrics import chosen_by
from labbook.plan.controls import ITSELF, SHUFFLED
from labbook.verdicts import (
    CONTROL_SEEDS,
    FAILED,
    FALSE_ALARMS,
    FEWEST_SEEDS,
    LEFT_OUT,
    NOT_JUDGED,
    PASSED,
)
from labbook.wording import count

TOO_FEW = f"too few seeds: {FEWEST_SEEDS} are needed"
NO_RESULT = "too many of its runs have no result"
UNSEEN = (
    f"with fewer than {CONTROL_SEEDS} seeds to compare it would not be seen if all of the second "
    "trainings diverged"
)
SAME = "nothing that its training draws by chance: trained again it is the same by construction"


class Ends(NamedTuple):
    """A figure with the ends of its 95 % interval; NaN for none."""

    mean: float
    low: float
    high: float


NO_FIGURE = Ends(NAN, NAN, NAN)


@dataclass(frozen=True)
class Control:
    """A row of controls.csv.

    `effect`: the control's figure divided by what it is compared with, or minus it, on `scale`;
    that is the `combination`, or the best constant. `usual` is the difference below which 19 of 20
    pairs of such trainings are, on the same scale. `run` is the id of the control's first run:
    studies may share them.
    """

    control: str
    combination: str
    metric: str
    outcome: str
    why: str = ""
    scale: str = ""
    effect: Ends = NO_FIGURE
    n: int = 0
    p: float = NAN
    usual: Ends = NO_FIGURE
    run: str = ""

    @property
    def row(self) -> tuple[Any, ...]:
        """As COLUMNS has it."""
        head = (self.control, self.combination, self.metric, self.outcome, self.why, self.scale)
        return (*head, *self.effect, self.n, self.p, *self.usual, self.run)


COLUMNS = (
    "control", "combination", "metric", "outcome", "why", "scale", "effect", "low", "high", "n",
    "p", "usual", "usual_low", "usual_high", "run",
)  # fmt: skip


def write_controls(results: StudyRuns, path: Path) -> None:
    """controls.csv: a row per control of the study; only a head where it has none."""
    rows = [control.row for control in judge_controls(results)]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def judge_controls(results: StudyRuns) -> list[Control]:
    """All controls of a study. Raises `LabbookError` where a run file is missing or broken."""
    asked = results.study.controls
    controls = []
    if asked.left_out:
        controls = [Control(ITSELF, results.study.reference, results.study.metric, LEFT_OUT, SAME)]
    if not asked.combinations:
        return controls
    beside = _beside(results)
    judges = {ITSELF: _itself, SHUFFLED: _shuffled}
    return controls + [judges[label](beside) for label in asked.labels]


def _beside(results: StudyRuns) -> StudyRuns:
    """The study as if it had the reference and its controls alone, with the controls' seeds."""
    study, controls = results.study, results.study.controls
    alone = replace(study, combinations=controls.combinations, seeds=controls.seeds)
    read = read_study_runs(alone, results.prepared, results.selections, results.folder)
    reference = results.combinations[study.reference]
    records = {
        (study.reference, seed): results.records[study.reference, seed] for seed in alone.seeds
    }
    both = replace(alone, combinations=(reference, *controls.combinations))
    return replace(read, study=both, records={**records, **read.records})


def _itself(results: StudyRuns) -> Control:
    """The reference against its twin, as any two combinations are compared; p is two-sided."""
    study, metric = results.study, results.study.metric
    twin, reference = (Side(results, metric, (label,)) for label in (ITSELF, study.reference))
    found = without_test(results, compare(twin, reference))
    effect = Ends(found.effect, found.low, found.high)
    if found.scale == RATIO:  # as in comparisons.csv: in the metric's own direction
        ends = (found.effect, found.high, found.low)
        effect = Ends(*(1 / end if end > 0 else NAN for end in ends))
    # Epochs that runs missed have no differences.
    usual = NO_FIGURE if has_goal(twin, reference) else _usual(twin, reference)
    untested = found.untested or (NO_RESULT if np.isnan(found.p) else "")
    outcome, why = _outcome(len(study.seeds), untested, found.p < FALSE_ALARMS)
    if outcome == PASSED and found.n < CONTROL_SEEDS:
        why = UNSEEN
    return Control(
        ITSELF, study.reference, metric, outcome, why,
        found.scale, effect, found.n, found.p, usual, _run(results, ITSELF),
    )  # fmt: skip


def _usual(twin: Side, reference: Side) -> Ends:
    """How far two trainings of the reference are usually apart, on the scale of the effect."""
    differences = twin.values - reference.values
    return _ends(usual_difference(differences[np.isfinite(differences)]), twin.metric)


def _ends(found: Interval, metric: str) -> Ends:
    return Ends(*unscaled(np.array([found.mean, found.low, found.high]), metric).tolist())


def _shuffled(results: StudyRuns) -> Control:
    """The network of a shuffled target against the best constant, on the same test rows.

    It fails where its predictions go with the targets more than chance lets them, p < 0.01.
    """
    study = results.study
    metric = chosen_by(study.task).replace("valid_", "test_")
    measured = [measured_on_test_rows(results, seed) for seed in study.seeds]
    learnt = [one for one in measured if one is not None]
    of_network, of_constant = (
        scaled(np.array([getattr(one, name) for one in learnt]), metric)
        for name in ("network", "constant")
    )
    effect = _ends(mean_interval(of_network - of_constant), metric)
    p = p_of_knowing(learnt, study.seeds[0])
    still = "the target does not vary" if target_is_still(results) else ""
    outcome, why = _outcome(len(study.seeds), still, p < FALSE_ALARMS)
    if lost := len(measured) - len(learnt):
        why = why or f"{lost} of {count(len(measured), 'run')} diverged and learnt nothing"
    return Control(
        SHUFFLED, study.reference, metric, outcome, why,
        RATIO if is_ratio(metric) else DIFFERENCE, effect, len(learnt), p,
        run=_run(results, SHUFFLED),
    )  # fmt: skip


def _outcome(seeds: int, untested: str, failed: bool) -> tuple[str, str]:
    """What became of a control, and why it could not be judged."""
    if seeds < FEWEST_SEEDS:
        return NOT_JUDGED, TOO_FEW
    if untested:
        return NOT_JUDGED, untested
    return (FAILED if failed else PASSED), ""


def _run(results: StudyRuns, label: str) -> str:
    return results.study.runs[label, results.study.seeds[0]]
