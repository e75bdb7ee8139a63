"""The rule by which a claim gets its verdict, written down before there are results.

1.  The claim's test (`forms`) gives an effect with a 95 % interval, the p of no effect, and where
    it compares two sides the p of an effect as large as the margin.
2.  Over the claims of a study Holm's method corrects the p of effects, and likewise, as a family
    of their own, the p of being alike. Of one claim at most one of the two can be wrong.
3.  Alike below 0.05: *no relevant difference*, which refutes that one side is better, and supports
    that two are alike. Else an effect below 0.05: *supported* if as claimed, *refuted* if the
    opposite. Else *undecided*, with the number of further seeds that would decide.
4.  Fewer than six seeds decide nothing. An exact count needs one.
5.  On a stand-in for the data a claim is *not judged*.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook.errors import LabbookError
from labbook.evaluate.finding import Finding
from labbook.evaluate.forms import FORMS
from labbook.evaluate.reasons import why
from labbook.evaluate.results import Results
from labbook.evaluate.statistics import NAN, holm
from labbook.evaluate.tables import write_table
from labbook.plan import ClaimPlan
from labbook.verdicts import (
    ALIKE,
    ALPHA,
    AS_CLAIMED,
    NOT_JUDGED,
    OPPOSITE,
    REFUTED,
    STAND_IN,
    SUPPORTED,
    UNDECIDED,
)

COLUMNS = (
    "id", "study", "sentence", "verdict", "kind", "form", "metric", "scale",
    "effect", "low", "high", "n", "p", "p_holm", "margin", "reported", "ours", "data",
    "fresh_seeds", "new_data", "why", "test", "group",
)  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """What was found about a claim, and what follows from it."""

    claim: ClaimPlan
    finding: Finding
    verdict: str
    kind: str
    p: float
    p_holm: float
    fresh_seeds: float | None  # infinite: more than can be asked for
    new_data: str


def judge(results: Results) -> list[Judgement]:
    """Judge the claims of a study, in its order, by the rule at the top of this module."""
    claims = results.study.claims
    for claim in claims:
        _check_metric(results, claim)
    found = [FORMS[claim.form](results, claim) for claim in claims]
    effects = holm(np.array([one.p for one in found]))
    alike = holm(np.array([one.p_alike for one in found]))
    new = holm(np.array([one.p_new for one in found]))
    tests = int(np.isfinite(effects).sum())
    return [
        _judgement(results, claim, one, float(p), float(q), float(r), tests)
        for claim, one, p, q, r in zip(claims, found, effects, alike, new, strict=True)
    ]


def write_verdicts(results: Results, path: Path) -> list[Judgement]:
    """Write one row per claim and return what was judged."""
    judged = judge(results)
    write_table(path, COLUMNS, [_row(results, one) for one in judged])
    return judged


def group(claim_id: str) -> str:
    """The capitals that an id begins with, by which claims are gathered: C of C2-fewer."""
    letters = claim_id[: len(claim_id) - len(claim_id.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
    return letters or "own"


def _judgement(
    results: Results,
    claim: ClaimPlan,
    found: Finding,
    p_effect: float,
    p_alike: float,
    p_new: float,
    tests: int,
) -> Judgement:
    if results.prepared.edition == STAND_IN and found.test != "exact":
        return Judgement(claim, found, NOT_JUDGED, "", NAN, NAN, None, "")
    between = claim.form == "alike" or (claim.form == "level" and np.isfinite(found.p_alike))
    if p_alike < ALPHA:
        verdict, kind = (SUPPORTED, AS_CLAIMED) if between else (REFUTED, ALIKE)
        return Judgement(claim, found, verdict, kind, found.p_alike, p_alike, None, "")
    if p_effect < ALPHA or found.test == "exact":
        verdict, kind = (SUPPORTED, AS_CLAIMED) if found.favours > 0 else (REFUTED, OPPOSITE)
        new_data = "" if np.isnan(p_new) else ("yes" if p_new < ALPHA else "no")
        return Judgement(claim, found, verdict, kind, found.p, p_effect, None, new_data)
    more = found.needs(max(tests, 1))
    return Judgement(claim, found, UNDECIDED, "", found.p, p_effect, more, "")


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
    row += [one.p, one.p_holm, found.margin, claim.reported, found.ours]
    row += [results.prepared.edition, one.fresh_seeds, one.new_data]
    reason = why(claim, found, one.verdict, one.kind, one.p_holm, one.fresh_seeds)
    return [*row, reason, found.test, group(claim.id)]
