"""The rule by which a claim gets its verdict, written down before there are results.

1.  The claim's test (`forms`) gives an effect with a 95 % interval, the p of no effect, and where
    it compares two sides the p of an effect as large as the margin.
2.  Over the claims of a study Holm's method corrects the p of effects, and likewise, as a family
    of their own, the p of being alike. Of one claim at most one of the two can be wrong.
3.  Alike below 0.05: *no relevant difference*, which refutes that one side is better, and supports
    that two are alike. Else an effect below 0.05: *supported* if as claimed, *refuted* if the
    opposite. Else *undecided*, with the number of further seeds that would decide.
4.  Fewer than six seeds decide nothing. An exact count needs one.
    Nothing is decided about a target that does not vary, nor about rounding (`untestable`).
5.  On a stand-in for the data a claim is *not judged*.
6.  What was shown is the verdict's kind (`_kind`). It says more, and changes no verdict.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from labbook.errors import LabbookError
from labbook.evaluate.claims.better_in import COLUMNS as BETTER_IN
from labbook.evaluate.claims.better_in import better_in
from labbook.evaluate.claims.forms import FORMS
from labbook.evaluate.claims.forms.order import pairs_text
from labbook.evaluate.claims.outcome import Judgement, Outcome
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.claims.sides import same_numbers, sides_of
from labbook.evaluate.claims.untestable import without_test
from labbook.evaluate.statistics.intervals import holm
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import (
    ALIKE,
    ALPHA,
    AS_CLAIMED,
    NOT_JUDGED,
    OPPOSITE,
    OTHER_CONDITIONS,
    OTHER_NUMBER,
    OWN,
    REFUTED,
    SAME,
    SIZE_UNCLEAR,
    STAND_IN,
    SUPPORTED,
    TREND_ONLY,
    UNDECIDED,
    WEAKER,
)

COLUMNS = (
    "id", "study", "sentence", "verdict", "kind", "form", "metric", "scale",
    "effect", "low", "high", "n", "p", "p_holm", "margin", "reported", "ours", "middle",
    "data", "fresh_seeds", "new_data", "why", "test", "group", *BETTER_IN,
    "p_effect", "p_alike",
)  # fmt: skip
TWO_SIDES = ("better", "alike")  # forms that compare two sides


class Corrected(NamedTuple):
    """The p of a claim after Holm's correction, each in its family; NaN where there is none."""

    p: float
    p_alike: float
    p_new: float
    p_trend: float


def judge(results: StudyRuns) -> list[Judgement]:
    """Judge the claims of a study, in its order, by the rule at the top of this module.

    Raises `LabbookError` where the runs have no metric of a claim's name.
    """
    claims, outcomes = results.study.claims, []
    for claim in claims:
        if claim.metric not in results.metrics:
            raise LabbookError(
                f"studies.{results.study.name}.claims, claim {claim.id}: metric {claim.metric!r} "
                f"is not among those of its runs: {', '.join(results.metrics)}."
            )
        outcomes.append(without_test(results, FORMS[claim.form](results, claim), claim))
    families = [
        holm(np.array([getattr(outcome, name) for outcome in outcomes])).tolist()
        for name in Corrected._fields
    ]
    corrected = [Corrected(*family) for family in zip(*families, strict=True)]
    tests = max(sum(not math.isnan(c.p) for c in corrected), 1)
    return [
        _judgement(results, claim, outcome, p, tests)
        for claim, outcome, p in zip(claims, outcomes, corrected, strict=True)
    ]


def write_verdicts(results: StudyRuns, path: Path) -> list[Judgement]:
    """Write one row per claim and return what was judged."""
    judged, rows = judge(results), []
    for judgement in judged:
        claim, outcome = judgement.claim, judgement.outcome
        figures = (outcome.ours, pairs_text(outcome.pairs))
        told = {
            "id": claim.id, "study": results.study.name, "sentence": claim.sentence,
            "form": claim.form, "metric": claim.metric, "p": judgement.p,
            "reported": claim.reported, "ours": "; ".join(filter(None, figures)),
            "data": results.prepared.edition, "why": why(judgement), "group": group(claim),
            **_uncorrected(judgement),
        }  # fmt: skip
        shares = better_in(outcome, *claim.sides) if claim.form in TWO_SIDES else {}
        rows.append(vars(outcome) | vars(judgement) | told | shares)
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))
    return judged


def _uncorrected(judgement: Judgement) -> dict[str, float]:
    """What Holm's method corrects: the claim's p in both families; NaN where nothing is judged."""
    if judgement.verdict == NOT_JUDGED:
        return {"p_effect": math.nan, "p_alike": math.nan}
    return {"p_effect": judgement.outcome.p, "p_alike": judgement.outcome.p_alike}


def group(claim: ClaimPlan) -> str:
    """The capitals that an id begins with, by which the claims of a report are gathered.

    C of C2-fewer; `own` where nothing was reported, `reported` where the id has no capitals.
    """
    rest = claim.id.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = claim.id.removesuffix(rest)
    return (letters or "reported") if claim.reported else OWN


def _judgement(
    results: StudyRuns, claim: ClaimPlan, outcome: Outcome, corrected: Corrected, tests: int
) -> Judgement:
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
    judgement = Judgement(claim, outcome, verdict, told, kind, p, p_holm)
    if verdict == UNDECIDED:
        return replace(judgement, fresh_seeds=outcome.needs(tests))
    if alike or math.isnan(corrected.p_new):
        return judgement
    return replace(judgement, new_data="yes" if corrected.p_new < ALPHA else "no")


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
