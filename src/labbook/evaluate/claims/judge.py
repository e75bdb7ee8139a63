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
6.  What was shown is the verdict's kind (verdict.py). It says more, and changes no verdict.
7.  Of a study in rounds all this is done at each of its looks, which share the 5 %: a p counts as
    p / share, the interval has the level that the share leaves. A verdict stays as it was found.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from labbook.errors import LabbookError
from labbook.evaluate.claims.better_in import COLUMNS as BETTER_IN
from labbook.evaluate.claims.better_in import better_in
from labbook.evaluate.claims.forms import FORMS
from labbook.evaluate.claims.forms.order import pairs_text
from labbook.evaluate.claims.outcome import Judgement, Looked, Outcome
from labbook.evaluate.claims.price import priced
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.claims.untestable import without_test
from labbook.evaluate.claims.verdict import TWO_SIDES, Corrected, judgement
from labbook.evaluate.statistics.intervals import holm, level_of
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.plan.looks import Look
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import NOT_JUDGED, OWN

COLUMNS = (
    "id", "study", "sentence", "verdict", "kind", "form", "metric", "scale",
    "effect", "low", "high", "n", "p", "p_holm", "margin", "reported", "ours", "middle",
    "data", "fresh_seeds", "new_data", "why", "test", "group", *BETTER_IN,
    "p_effect", "p_alike", "look", "level", "share",
)  # fmt: skip


def judge(results: StudyRuns, looks: int | None = None) -> list[Judgement]:
    """Judge the claims of a study, in its order, by the rule at the top of this module.

    Of a study in rounds so many of its `looks`, or all: a claim that got its verdict at one of them
    keeps it, with all figures of that look. Raises `LabbookError` where the runs have no metric of
    a claim's name.
    """
    claims = results.study.claims
    for claim in claims:
        if claim.metric not in results.metrics:
            raise LabbookError(
                f"studies.{results.study.name}.claims, claim {claim.id}: metric {claim.metric!r} "
                f"is not among those of its runs: {', '.join(results.metrics)}."
            )
    judged: dict[int, Judgement] = {}
    for number, look in enumerate(results.looks[:looks], 1):
        judged |= _at_look(results, judged, number, look)
    return [judged[place] for place in range(len(claims))]


def _at_look(
    results: StudyRuns, before: Mapping[int, Judgement], number: int, look: Look
) -> dict[int, Judgement]:
    """The judgements, by the claim's place, of those that are undecided and have their runs.

    Who is not judged again stays in the family, with the p of its last look.
    """
    claims, now = results.study.claims, _runs_at(results, before, look)
    outcomes = [
        _outcome(now[place], claim, look.share) if place in now else before[place].outcome
        for place, claim in enumerate(claims)
    ]
    families = [
        holm(np.array([getattr(outcome, name) for outcome in outcomes])).tolist()
        for name in Corrected._fields
    ]
    corrected = [Corrected(*family) for family in zip(*families, strict=True)]
    tests = max(sum(not math.isnan(c.p) for c in corrected), 1)
    looked = Looked(number, len(results.looks), look.seeds, look.share)
    return {
        place: replace(
            judgement(runs, claims[place], outcomes[place], corrected[place], tests), looked=looked
        )
        for place, runs in now.items()
    }


def _runs_at(
    results: StudyRuns, before: Mapping[int, Judgement], look: Look
) -> dict[int, StudyRuns]:
    """By its place the runs of each claim that has no verdict yet and as many seeds as the look."""
    undecided = {
        place: labels_of(claim)
        for place, claim in enumerate(results.study.claims)
        if not (place in before and before[place].decided)
    }
    return {
        place: results.until(look.seeds, labels) if len(results.looks) > 1 else results
        for place, labels in undecided.items()
        if results.seeds_of(labels) >= look.seeds
    }


def _outcome(results: StudyRuns, claim: ClaimPlan, share: float) -> Outcome:
    """What the claim's test gives of these runs, at the price of a look with this share."""
    found = FORMS[claim.form](results, claim, level_of(share))
    return priced(without_test(results, found, claim), share)


def labels_of(claim: ClaimPlan) -> tuple[str, ...]:
    """The combinations that a claim is about; none named where it is about all of them."""
    return tuple(dict.fromkeys(label for side in claim.sides for label in side))


def write_verdicts(results: StudyRuns, path: Path) -> list[Judgement]:
    """Write one row per claim and return what was judged."""
    judged, rows = judge(results), []
    for one in judged:
        claim, outcome, looked = one.claim, one.outcome, one.looked
        figures = (outcome.ours, pairs_text(outcome.pairs))
        told = {
            "id": claim.id, "study": results.study.name, "sentence": claim.sentence,
            "form": claim.form, "metric": claim.metric, "p": one.p,
            "reported": claim.reported, "ours": "; ".join(filter(None, figures)),
            "data": results.prepared.edition, "why": why(one), "group": group(claim),
            "look": looked.text, "level": level_of(looked.share), "share": looked.share,
            **_uncorrected(one),
        }  # fmt: skip
        shares = {}
        if claim.form in TWO_SIDES:
            shares = better_in(outcome, *claim.sides, level=level_of(looked.share))
        rows.append(vars(outcome) | vars(one) | told | shares)
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))
    return judged


def _uncorrected(one: Judgement) -> dict[str, float]:
    """What Holm's method corrects: the claim's p in both families; NaN where nothing is judged."""
    if one.verdict == NOT_JUDGED:
        return {"p_effect": math.nan, "p_alike": math.nan}
    return {"p_effect": one.outcome.p, "p_alike": one.outcome.p_alike}


def group(claim: ClaimPlan) -> str:
    """The capitals that an id begins with, by which the claims of a report are gathered.

    C of C2-fewer; `own` where nothing was reported, `reported` where the id has no capitals.
    """
    rest = claim.id.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = claim.id.removesuffix(rest)
    return (letters or "reported") if claim.reported else OWN
