"""What a claim shows over several data sets: the rule is in docs/evidence.md."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from labbook.evaluate.claims.side_figures import margin
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.statistics.location_tests import NO_TEST, SIGN, sign_test
from labbook.evaluate.statistics.over_datasets import (
    FEWEST_DATASETS,
    FEWEST_SIGNS,
    Effects,
)
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import (
    ALIKE,
    ALPHA,
    AS_CLAIMED,
    OPPOSITE,
    REFUTED,
    SIZE_UNCLEAR,
    SUPPORTED,
    UNDECIDED,
    WEAKER,
)
from labbook.wording import count, listing

# Forms whose effects on data sets have a mean.
WITH_EFFECT = ("better", "more_than", "tuned", "alike")
NO_MEAN = "claims of this form have no common effect"


@dataclass(frozen=True)
class Found:
    """What a claim's row in verdicts.csv says of one data set.

    `effect` and its standard `error` are on the scale of comparison, NaN where there is none.
    """

    dataset: str
    verdict: str
    words: str
    effect: float
    error: float
    p_holm: float
    n: int
    tested: bool


@dataclass(frozen=True)
class Over:
    """What a claim shows over data sets, before any correction; NaN where there is no test.

    `p` is of no effect, or none beyond the bound of the claim, `favours` 1 as claimed; `p_alike` is
    of an effect of at least the margin.
    """

    found: tuple[Found, ...]
    left_out: tuple[str, ...]
    effects: Effects | None = None
    test: str = NO_TEST
    p: float = NAN
    p_alike: float = NAN
    favours: int = 0
    why: list[str] = field(default_factory=list)


def over(claim: ClaimPlan, found: Sequence[Found]) -> Over:
    """Test a claim over the data sets on which it was `found` something."""
    judged = tuple(one for one in found if one.tested)
    left_out = tuple(one.dataset for one in found if not one.tested)
    start = Over(judged, left_out)
    if left_out:
        start.why.append(f"{listing(left_out)} left out: not judged, or without a test")
    if claim.form not in WITH_EFFECT:
        start.why.append(NO_MEAN)
        return start
    sized = [one for one in judged if math.isfinite(one.effect)]
    if len(sized) < len(judged):
        return _by_signs(claim, start)
    effects = Effects(np.array([one.effect for one in judged]))
    if not effects.tests:
        few = f"{count(len(judged), 'data set is', 'data sets are')} too few"
        start.why.append(few if len(judged) < FEWEST_DATASETS else "all effects are equal")
        return replace(start, effects=effects if len(judged) > 1 else None)
    return _tested(claim, replace(start, effects=effects, test=", ".join(effects.tests)))


def _tested(claim: ClaimPlan, start: Over) -> Over:
    """The tests of a claim's form of the mean effect."""
    assert start.effects is not None
    effects, block = start.effects, claim.block
    limit, _ = margin(claim.metric, block.margin)
    direction = int(np.sign(effects.interval.mean))
    if block.at_least is not None:
        bound, _ = margin(claim.metric, block.at_least)
        favours = int(np.sign(effects.interval.mean - bound))
        return replace(start, p=effects.from_bound(bound), favours=favours)
    p_alike = effects.equivalent(limit)
    if claim.form == "alike":
        return replace(start, p=effects.two_sided(limit), p_alike=p_alike, favours=-1)
    return replace(start, p=effects.two_sided(), p_alike=p_alike, favours=direction)


def _by_signs(claim: ClaimPlan, start: Over) -> Over:
    """The sign test, where a data set gives no size; what has no direction counts against most."""
    judged = start.found
    without = [one.dataset for one in judged if not math.isfinite(one.effect)]
    said = f"no size of the effect on {listing(without)}"
    if claim.form == "alike" or claim.block.at_least is not None:
        start.why.append(f"{said}, and the claim is about sizes")
        return start
    if len(judged) < FEWEST_SIGNS:
        start.why.append(f"{said}, and signs alone need {FEWEST_SIGNS} data sets")
        return start
    signs = [_direction(one) for one in judged]
    most, favours = max((signs.count(sign), sign) for sign in (-1, 1))
    p = min(1.0, 2 * sign_test(most, len(signs) - most))
    start.why.append(f"{said}: judged by signs alone")
    return replace(start, test=SIGN, p=p, favours=favours)


def _direction(one: Found) -> int:
    """Which way a data set points, 1 as claimed; 0 where that is not known."""
    if math.isfinite(one.effect):
        return int(np.sign(one.effect))
    return {SUPPORTED: 1, REFUTED: -1}.get(one.verdict, 0)


def verdict(claim: ClaimPlan, one: Over, p: float, p_alike: float) -> tuple[str, str]:
    """The verdict about data sets like these, and its kind; empty without a test.

    `p` of the effect and `p_alike` are corrected.
    """
    if one.test == NO_TEST:
        return "", ""
    if p_alike < ALPHA:
        return (SUPPORTED, AS_CLAIMED) if claim.form == "alike" else (REFUTED, ALIKE)
    if not p < ALPHA:
        return UNDECIDED, ""
    if one.favours > 0:
        return SUPPORTED, AS_CLAIMED if _is_relevant(claim, one) else SIZE_UNCLEAR
    return REFUTED, WEAKER if _falls_short(claim, one) else OPPOSITE


def _is_relevant(claim: ClaimPlan, one: Over) -> bool:
    """Whether the whole interval lies beyond the margin; a bound of its own has none."""
    if claim.block.at_least is not None:
        return True
    limit, _ = margin(claim.metric, claim.block.margin)
    return one.effects is not None and one.effects.interval.low > limit


def _falls_short(claim: ClaimPlan, one: Over) -> bool:
    """Whether the claim's bound was missed by an effect that is not shown to be the opposite."""
    if claim.block.at_least is None or one.effects is None:
        return False
    return not (one.effects.two_sided() < ALPHA and one.effects.interval.mean < 0)
