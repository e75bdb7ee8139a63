"""What a verdict rests on, in a word or two: it says more than the verdict, and changes none."""

from labbook.evaluate.claims.finding import Finding
from labbook.evaluate.claims.forms.same import same_numbers
from labbook.evaluate.results import Results
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import (
    ALIKE,
    ALPHA,
    AS_CLAIMED,
    OPPOSITE,
    OTHER_NUMBER,
    REFUTED,
    SAME,
    SIZE_UNCLEAR,
    SUPPORTED,
    TREND_ONLY,
    UNDECIDED,
    WEAKER,
)


def kind(
    results: Results, claim: ClaimPlan, found: Finding, verdict: str, *, alike: bool, trend: float
) -> str:
    """What was shown of a claim, whatever the conditions; empty where nothing was or can be.

    `alike` says that likeness decided, not an effect; `trend` is the corrected p of ranks that
    follow a claimed order.
    """
    if found.untested:
        return ""
    if claim.form == "exact" and verdict == REFUTED:
        return OTHER_NUMBER
    if verdict != UNDECIDED and not alike:
        if verdict == SUPPORTED:
            return AS_CLAIMED if _relevant(claim, found) else SIZE_UNCLEAR
        if _same(results, claim):
            return SAME
        return WEAKER if _weaker(claim, found) else OPPOSITE
    if found.same or _same(results, claim):
        return SAME
    if verdict == UNDECIDED:
        return TREND_ONLY if trend < ALPHA else ""
    return AS_CLAIMED if verdict == SUPPORTED else ALIKE


def _relevant(claim: ClaimPlan, found: Finding) -> bool:
    """Whether all intervals lie beyond the margin; True where a claim has none."""
    if found.pairs:
        return all(one.relevant for one in found.pairs)
    return found.relevant or claim.form == "alike" or claim.block.at_least is not None


def _weaker(claim: ClaimPlan, found: Finding) -> bool:
    """Whether an effect misses its bound, and was not shown to be the opposite."""
    if claim.block.at_least is None or found.compared is None:
        return False
    return not (found.compared.p < ALPHA and found.compared.favours < 0)


def _same(results: Results, claim: ClaimPlan) -> bool:
    """Whether the two sides of a claim give the same numbers in every seed."""
    if claim.form not in ("compare", "alike"):
        return False
    return same_numbers(results, claim.metric, *claim.sides)
