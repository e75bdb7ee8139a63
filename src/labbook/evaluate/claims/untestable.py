"""What does not vary but for rounding: whatever a test found there would be found in noise."""

from dataclasses import replace

import numpy as np

from labbook.data.numbers import still_parts
from labbook.evaluate.claims.outcome import NO_TEST, Outcome, unknown
from labbook.evaluate.claims.sides import Side
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.study_runs import StudyRuns
from labbook.metrics import CONSTANT, metric_of, split_name
from labbook.plan.studies import ClaimPlan

COMPARING = ("compare", "interaction", "alike", "order")  # forms that ask which of two is larger


def untestable(results: StudyRuns, claim: ClaimPlan) -> str:
    """Why no run can tell anything about a claim, in a sentence; empty where runs can."""
    if claim.form == "exact":
        return ""
    if target_is_still(results):
        return _still_words(results)
    labels = [label for side in claim.sides for label in side]
    if claim.form in COMPARING and _is_rounding(results, claim.metric, labels):
        return "All errors are so small that they could come from rounding alone"
    return ""


def target_is_still(results: StudyRuns) -> bool:
    """Whether the target does not vary in the training part of any seed."""
    seeds = results.study.seeds
    parts = (results.prepared.split(seed).train for seed in seeds)
    return still_parts(results.prepared.target, parts) == len(seeds)


def without_test(found: Outcome, why: str) -> Outcome:
    """The finding with its figures and without what a test says of them, for this reason."""
    return replace(
        found, test=NO_TEST, p=NAN, favours=0, p_alike=NAN, p_new=NAN, p_trend=NAN, needs=unknown,
        pairs=(), exceptions="", untested=why,
    )  # fmt: skip


def checked(results: StudyRuns, claim: ClaimPlan, found: Outcome) -> Outcome:
    """The finding, without a test where runs cannot tell anything about its claim."""
    why = untestable(results, claim)
    return without_test(found, why) if why else found


def checked_comparison(results: StudyRuns, found: Outcome) -> Outcome:
    """The same of a comparison that no claim asks for."""
    return without_test(found, _still_words(results)) if target_is_still(results) else found


def _still_words(results: StudyRuns) -> str:
    return (
        f"{results.prepared.target_name} does not vary in the training part of any seed: there is "
        "nothing to learn, and what differs is rounding and chance"
    )


def _is_rounding(results: StudyRuns, metric: str, labels: Side) -> bool:
    """Whether all errors of these combinations are as small as the rounding of the target."""
    power = metric_of(metric).power
    if not power or not split_name(metric)[0]:
        return False
    values = np.array([results.values(label, metric) for label in labels])
    if not np.isfinite(values).all():  # a failed run is worse than any rounding
        return False
    errors = values ** (1 / power)
    return bool(errors.max() <= CONSTANT * np.abs(results.prepared.target).max())
