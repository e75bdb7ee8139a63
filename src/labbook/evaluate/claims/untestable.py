"""What no run can tell: a target that does not vary, differences that are rounding alone."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from labbook.data.numbers import still_parts
from labbook.evaluate.claims.outcome import Outcome
from labbook.evaluate.study_runs import StudyRuns
from labbook.measures import metric_of, split_name
from labbook.metrics import CONSTANT
from labbook.plan.studies import ClaimPlan

# Forms that ask which of two is larger.
COMPARING = ("better", "more_than", "tuned", "alike", "order")
ROUNDED = "All errors are so small that they could come from rounding alone"


def without_test(results: StudyRuns, outcome: Outcome, claim: ClaimPlan | None = None) -> Outcome:
    """The outcome of a claim, or of a comparison, without its test where runs can tell nothing."""
    why = ""
    if claim is not None and claim.form == "exact":  # it is counted, whatever the data are
        return outcome
    if target_is_still(results):
        why = still_text(results)
    elif (
        claim is not None
        and claim.form in COMPARING
        and is_rounding(results, (label for side in claim.sides for label in side), claim.metric)
    ):
        why = ROUNDED
    if not why:
        return outcome
    plain = Outcome(outcome.scale)
    tested = (
        "test",
        "p",
        "favours",
        "p_alike",
        "p_new",
        "p_trend",
        "needs",
        "pairs",
        "exceptions",
        "by_seed",
    )
    return replace(outcome, **{name: getattr(plain, name) for name in tested}, untested=why)


def still_text(results: StudyRuns) -> str:
    """Why nothing is tested of a target that does not vary."""
    return (
        f"{results.prepared.target_name} does not vary in the training part of any seed: there "
        "is nothing to learn, and what differs is rounding and chance"
    )


def target_is_still(results: StudyRuns) -> bool:
    """Whether the target does not vary in the training part of any seed."""
    seeds = results.study.seeds
    parts = (results.prepared.split(seed).train for seed in seeds)
    return still_parts(results.prepared.target, parts) == len(seeds)


def is_rounding(results: StudyRuns, labels: Iterable[str], metric: str) -> bool:
    """Whether all errors of these combinations are as small as the rounding of the target."""
    power = metric_of(metric).power
    if not power or not split_name(metric)[0]:
        return False
    values = np.array([results.values(label, metric) for label in labels])
    if not np.isfinite(values).all():  # a failed run is worse than any rounding
        return False
    return bool((values ** (1 / power)).max() <= CONSTANT * np.abs(results.prepared.target).max())
