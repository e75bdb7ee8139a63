"""The rule by which a claim gets its verdict, written down before there are results.

1.  The claim's test (`forms`) gives an effect with a 95 % interval, the p of no effect, and where
    it compares two sides the p of an effect as large as the margin.
2.  Over the claims of a study Holm's method corrects the p of effects, and likewise, as a family
    of their own, the p of being alike. Of one claim at most one of the two can be wrong.
3.  Alike below 0.05: *no relevant difference*, which refutes that one side is better, and supports
    that two are alike. Else an effect below 0.05: *supported* if as claimed, *refuted* if the
    opposite. Else *undecided*, with the number of further seeds that would decide.
4.  Fewer than six seeds decide nothing. An exact count needs one.
    Nothing is decided about a target that does not vary, nor about errors of rounding (`still`).
5.  On a stand-in for the data a claim is *not judged*.
6.  What was shown is the verdict's kind (`kinds`). It says more, and changes no verdict.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from labbook.errors import LabbookError
from labbook.evaluate.claims.finding import Finding
from labbook.evaluate.claims.forms import FORMS
from labbook.evaluate.claims.forms.neighbours import pairs_text
from labbook.evaluate.claims.kinds import kind
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.results import Results
from labbook.evaluate.statistics.intervals import NAN, holm
from labbook.evaluate.statistics.still import checked
from labbook.evaluate.tables import write_table
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import (
    ALPHA,
    NOT_JUDGED,
    OTHER_CONDITIONS,
    OWN,
    REFUTED,
    STAND_IN,
    SUPPORTED,
    UNDECIDED,
)

COLUMNS = (
    "id", "study", "sentence", "verdict", "kind", "form", "metric", "scale",
    "effect", "low", "high", "n", "p", "p_holm", "margin", "reported", "ours", "middle",
    "data", "fresh_seeds", "new_data", "why", "test", "group",
)  # fmt: skip


class Corrected(NamedTuple):
    """The p of a claim after Holm's correction, each in its family; NaN where there is none."""

    effect: float
    alike: float
    new: float
    trend: float


@dataclass(frozen=True)
class Judgement:
    """What was found about a claim, and what follows from it."""

    claim: ClaimPlan
    finding: Finding
    verdict: str
    kind: str  # as published; `shown` is what was found under the study's own conditions
    shown: str
    p: float = NAN
    p_holm: float = NAN
    fresh_seeds: float | None = None  # infinite: more than can be asked for
    new_data: str = ""


def judge(results: Results) -> list[Judgement]:
    """Judge the claims of a study, in its order, by the rule at the top of this module."""
    claims = results.study.claims
    for claim in claims:
        _check_metric(results, claim)
    found = [checked(results, claim, FORMS[claim.form](results, claim)) for claim in claims]
    families = [
        holm(np.array([getattr(one, name) for one in found])).tolist()
        for name in ("p", "p_alike", "p_new", "p_trend")
    ]
    corrected = [Corrected(*one) for one in zip(*families, strict=True)]
    tests = sum(one.effect == one.effect for one in corrected)
    return [
        _judgement(results, claim, one, p, max(tests, 1))
        for claim, one, p in zip(claims, found, corrected, strict=True)
    ]


def write_verdicts(results: Results, path: Path) -> list[Judgement]:
    """Write one row per claim and return what was judged."""
    judged = judge(results)
    write_table(path, COLUMNS, [_row(results, one) for one in judged])
    return judged


def group(claim: ClaimPlan) -> str:
    """The capitals that an id begins with, by which the claims of a report are gathered.

    C of C2-fewer; `own` where nothing was reported, `reported` where the id has no capitals.
    """
    rest = claim.id.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = claim.id[: len(claim.id) - len(rest)]
    return (letters or "reported") if claim.reported else OWN


def _judgement(
    results: Results, claim: ClaimPlan, found: Finding, p: Corrected, tests: int
) -> Judgement:
    if results.prepared.edition == STAND_IN and found.test != "exact":
        return Judgement(claim, found, NOT_JUDGED, "", "")
    verdict, alike = _verdict(claim, found, p)
    shown = kind(results, claim, found, verdict, alike=alike, trend=p.trend)
    published = OTHER_CONDITIONS if claim.block.conditions else shown
    judged = Judgement(claim, found, verdict, published, shown, found.p, p.effect)
    if alike or (verdict == UNDECIDED and _claims_likeness(claim, found)):
        judged = replace(judged, p=found.p_alike, p_holm=p.alike)
    if verdict == UNDECIDED:
        return replace(judged, fresh_seeds=found.needs(tests))
    if alike:
        return judged
    return replace(judged, new_data="" if np.isnan(p.new) else "yes" if p.new < ALPHA else "no")


def _verdict(claim: ClaimPlan, found: Finding, p: Corrected) -> tuple[str, bool]:
    """The verdict, and whether likeness decided, not the effect."""
    between = _claims_likeness(claim, found)
    shown = p.effect < ALPHA or found.test == "exact"
    reversed_pair = bool(found.pairs) and shown and found.favours < 0  # says more than a likeness
    if p.alike < ALPHA and not reversed_pair:
        return (SUPPORTED if between else REFUTED), True
    if shown:
        return (SUPPORTED if found.favours > 0 else REFUTED), False
    return UNDECIDED, False


def _claims_likeness(claim: ClaimPlan, found: Finding) -> bool:
    """Whether it is likeness that is claimed: of two sides, or with a value between two bounds."""
    return claim.form == "alike" or (claim.form == "level" and bool(np.isfinite(found.p_alike)))


def _check_metric(results: Results, claim: ClaimPlan) -> None:
    """Raise `LabbookError` where the runs have no such metric."""
    if claim.metric not in results.metrics:
        raise LabbookError(
            f"studies.{results.study.name}.claims, claim {claim.id}: metric {claim.metric!r} is "
            f"not among those of its runs: {', '.join(results.metrics)}."
        )


def _row(results: Results, one: Judgement) -> list[Any]:
    claim, found = one.claim, one.finding
    row: list[Any] = [
        claim.id,
        results.study.name,
        claim.sentence,
        one.verdict,
        one.kind,
        claim.form,
    ]
    row += [claim.metric, found.scale, found.effect, found.low, found.high, found.n]
    ours = "; ".join(filter(None, (found.ours, pairs_text(found.pairs))))
    row += [one.p, one.p_holm, found.margin, claim.reported, ours, found.middle]
    row += [results.prepared.edition, one.fresh_seeds, one.new_data]
    reason = why(claim, found, one.verdict, one.shown, one.p_holm, one.fresh_seeds)
    return [*row, reason, found.test, group(claim)]
