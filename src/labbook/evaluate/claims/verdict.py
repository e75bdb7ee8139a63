"""What follows from a claim's test once its p is corrected: the verdict, and its kind."""

import math
from dataclasses import replace
from typing import NamedTuple

from labbook.evaluate.claims.outcome import Judgement, Outcome
from labbook.evaluate.claims.sides import same_numbers, sides_of
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import (
    ALIKE,
    ALPHA,
    AS_CLAIMED,
    NOT_JUDGED,
    OPPOSITE,
    OTHER_CONDITIONS,
    OTHER_NUMBER,
    REFUTED,
    SAME,
    SIZE_UNCLEAR,
    STAND_IN,
    SUPPORTED,
    TREND_ONLY,
    UNDECIDED,
    WEAKER,
)

TWO_SIDES = ("better", "alike")  # forms that compare two sides


class Corrected(NamedTuple):
    """The p of a claim after Holm's correction, each in its family; NaN where there is none."""

    p: float
    p_alike: float
    p_new: float
    p_trend: float


def judgement(
    results: StudyRuns, claim: ClaimPlan, outcome: Outcome, corrected: Corrected, tests: int
) -> Judgement:
    """What follows from an outcome among so many `tests` of a study."""
    if results.prepared.edition == STAND_IN and outcome.test != "exact":
        return Judgement(claim, outcome, NOT_JUDGED, "", "")
    # What is claimed may be likeness: of two sides, or with a value between two bounds.
    likeness = claim.form == "alike" or (claim.form == "level" and math.isfinite(outcome.p_alike))
    shown = corrected.p < ALPHA or outcome.test == "exact"
    reversed_pair = bool(outcome.pairs) and shown and outcome.favours < 0  # more than a likeness
    alike = corrected.p_alike < ALPHA and not reversed_pair  # likeness decides, not the effect
    verdict = UNDECIDED
    if alike:
        verdict = SUPPORTED if likeness else REFUTED
    elif shown:
        verdict = SUPPORTED if outcome.favours > 0 else REFUTED
    kind = _kind(results, claim, outcome, verdict, alike=alike, trend=corrected.p_trend)
    told = OTHER_CONDITIONS if claim.block.conditions else kind
    p, p_holm = outcome.p, corrected.p
    if alike or (verdict == UNDECIDED and likeness):
        p, p_holm = outcome.p_alike, corrected.p_alike
    found = Judgement(claim, outcome, verdict, told, kind, p, p_holm)
    if verdict == UNDECIDED:
        return replace(found, fresh_seeds=outcome.needs(tests))
    if alike or math.isnan(corrected.p_new):
        return found
    return replace(found, new_data="yes" if corrected.p_new < ALPHA else "no")


def _kind(
    results: StudyRuns,
    claim: ClaimPlan,
    outcome: Outcome,
    verdict: str,
    *,
    alike: bool,
    trend: float,
) -> str:
    """What was shown of a claim, whatever the conditions; empty where nothing was or can be.

    `alike` says that likeness decided, not an effect; `trend` is the corrected p of ranks that
    follow a claimed order.
    """
    if outcome.untested:
        return ""
    if claim.form == "exact" and verdict == REFUTED:
        return OTHER_NUMBER
    bound, compared = claim.block.at_least is not None, outcome.compared
    by_effect = verdict != UNDECIDED and not alike
    if by_effect and verdict == SUPPORTED:
        if outcome.pairs:
            clear = all(pair.relevant for pair in outcome.pairs)
        else:
            clear = outcome.relevant or claim.form == "alike" or bound
        return AS_CLAIMED if clear else SIZE_UNCLEAR
    if claim.form in TWO_SIDES and same_numbers(*sides_of(results, claim)):
        return SAME
    if by_effect:
        # It may miss its bound without being shown to be the opposite.
        opposite = compared is None or (compared.p < ALPHA and compared.favours < 0)
        return WEAKER if bound and not opposite else OPPOSITE
    if outcome.same:
        return SAME
    if verdict == UNDECIDED:
        return TREND_ONLY if trend < ALPHA else ""
    return AS_CLAIMED if verdict == SUPPORTED else ALIKE
