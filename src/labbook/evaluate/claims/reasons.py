"""One plain sentence, or two, on how a verdict came about.

Effects have the scale of verdicts.csv and of the report's pictures: a ratio is that of the other
side's figure to that of the side claimed better, so that above 1 is as claimed.
"""

import math

from labbook.evaluate.claims.failures import failures, parts_compared, signs
from labbook.evaluate.claims.finding import (
    CLAIMED_BETTER,
    CORRELATION,
    DIFFERENCE,
    NO_TEST,
    RATIO,
    SHARE,
    VALUE,
    Finding,
)
from labbook.evaluate.claims.forms.neighbours import pairs_text
from labbook.evaluate.statistics.power import MOST_SEEDS
from labbook.metrics import is_ratio
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import (
    ALIKE,
    FEWEST_SEEDS,
    NOT_JUDGED,
    SAME,
    SIZE_UNCLEAR,
    TREND_ONLY,
    UNDECIDED,
    WEAKER,
)
from labbook.wording import (
    MEDIAN,
    NOTHING,
    Digits,
    change,
    count,
    digits,
    listing,
    metric_name,
    number,
    p_value,
    percent,
    sentence,
    times,
)

IF_AS_OBSERVED = "would decide if effect and spread stay as they are"


def why(
    claim: ClaimPlan, found: Finding, verdict: str, kind: str, p: float, more: float | None
) -> str:
    """The reason; `p` is corrected, `more` the number of fresh seeds that would decide."""
    if verdict == NOT_JUDGED:
        return "These are not the data that the claim is about, but a stand-in for them."
    if kind == SAME and not found.pairs:
        return (
            "Both sides give the same numbers in every seed, so that no run could tell them apart."
        )
    text = f"{_shown(claim, found, verdict, kind, p, more)}."
    if found.exceptions:
        text += f" {sentence(found.exceptions)}."
    if claim.block.conditions:
        text += f" Not the source's conditions: {claim.block.conditions.rstrip('.')}."
    return text


def _shown(
    claim: ClaimPlan, found: Finding, verdict: str, kind: str, p: float, more: float | None
) -> str:
    if found.untested:
        return found.untested
    if found.n == 0 and found.middle == MEDIAN:
        return "The budget, training.epochs, is too small to tell in any seed"
    if found.n == 0:
        return "No seed has a result"
    if found.test == NO_TEST and found.n >= FEWEST_SEEDS:
        return "Not every run reached the goal, and how long it would have taken is not known"
    if found.test == NO_TEST:
        return f"Fewer than {FEWEST_SEEDS} seeds with a result are too few for a test"
    if found.test == "exact":
        return f"Counted: {found.ours}"
    text = (
        f"{_found(claim, found)}{parts_compared(found.compared)} (p {p_value(p)} after correction)"
    )
    if claimed := _claimed(claim):
        text += f"; claimed is {claimed}"
    text += _of_kind(found, kind)
    return f"{text}; {_fresh(more)}" if verdict == UNDECIDED and more is not None else text


def _of_kind(found: Finding, kind: str) -> str:
    """What a kind of verdict adds to the figures."""
    if kind == SIZE_UNCLEAR and found.pairs:
        unclear = listing(f"{p.first} over {p.second}" for p in found.pairs if not p.relevant)
        return f": as claimed, but of {unclear} the difference may be too small to be relevant"
    if kind == SIZE_UNCLEAR and math.isnan(found.low):
        return ": as claimed, but by how much is open"
    whose = "that of another part" if found.low > found.margin else "the interval"
    return {
        ALIKE: f": within {_margin(found)}, which is no relevant difference",
        SIZE_UNCLEAR: f": as claimed, but {whose} reaches below {_margin(found)}, and what "
        "is smaller is no relevant difference",
        WEAKER: ": it is less than claimed",
        TREND_ONLY: ": ranks follow the claimed order, but not each neighbouring pair is shown",
    }.get(kind, "")


def _found(claim: ClaimPlan, found: Finding) -> str:
    if found.scale == SHARE:
        return sentence(found.ours)
    if found.scale == VALUE:
        name = "" if found.middle == MEDIAN else f"{found.middle} "  # which says so itself
        return f"Over {count(found.n, 'seed')}, {name}{metric_name(claim.metric)}: {found.ours}"
    if found.scale == CORRELATION:
        return _order(found)
    if found.compared is not None and (found.test == "sign" or not math.isfinite(found.effect)):
        return signs(claim, found.compared, count(found.n, "seed"))
    over = f"Over {count(found.n, 'seed')}"
    if found.compared is not None and (failed := failures(claim, found.compared)):
        over = f"Over all {count(found.n, 'seed')} ({failed})"
    if found.effect == 0 and found.scale != RATIO:
        return f"{over} {metric_name(claim.metric)} is the same"
    return f"{over} {_effect(claim, found)}"


def _order(found: Finding) -> str:
    text = digits(found.effect, found.low, found.high)
    said = (
        f"Over {count(found.n, 'seed')} the order found correlates with the claimed one by "
        f"{text.mean} ({text.interval})"
    )
    pairs = pairs_text(found.pairs)
    return f"{said}; {pairs}" if pairs else said


def _effect(claim: ClaimPlan, found: Finding) -> str:
    """The effect on its scale: as claimed above ×1, or with a plus."""
    name = metric_name(claim.metric)
    if found.scale == RATIO and not math.isfinite(found.effect):
        return _open_ratio(name, found)
    text = change(DIFFERENCE, found.effect, found.low, found.high)
    if found.scale == RATIO:
        text = times(digits(found.effect, found.low, found.high))
    if claim.form == "interaction":
        how = "is {} the other" if found.scale == RATIO else "differs by {} from the other"
        return (
            f"the gain in {name} that is claimed larger {how.format(text.mean)} ({_interval(text)})"
        )
    first, other = (
        ("first side", "second") if claim.form == "alike" else (CLAIMED_BETTER, "other side")
    )
    if found.scale == RATIO:
        return f"the {other} has {text.mean} the {name} of the {first} ({_interval(text)})"
    return f"the {first} differs by {text.mean} in {name} ({_interval(text)})"


def _interval(text: Digits) -> str:
    return "no interval" if text.interval == NOTHING else text.interval


def _open_ratio(name: str, found: Finding) -> str:
    sides = [f"at least ×{number(found.low)}"] if math.isfinite(found.low) else []
    sides += [f"at most ×{number(found.high)}"] if math.isfinite(found.high) else []
    if not sides:
        return f"{name} compare as {found.ours}"
    return f"the other side has {' and '.join(sides)} the {name} of the {CLAIMED_BETTER}"


def _claimed(claim: ClaimPlan) -> str:
    """The bound that a claim names."""
    block = claim.block
    if block.at_least is not None:
        least = block.at_least
        return f"at least ×{number(1 + least)}" if is_ratio(claim.metric) else f"at least {least:g}"
    one = block.share or block.level
    if one is None:
        return ""
    written = percent if block.share else number
    bounds = {"above": one.above, "below": one.below}
    return " and ".join(f"{word} {written(end)}" for word, end in bounds.items() if end is not None)


def _margin(found: Finding) -> str:
    return f"×{found.margin:g}" if found.scale == RATIO else number(found.margin)


def _fresh(seeds: float) -> str:
    if seeds == math.inf:
        return f"not even {MOST_SEEDS} fresh seeds, judged by themselves, {IF_AS_OBSERVED}"
    many = max(int(seeds), FEWEST_SEEDS)
    return f"about {many} fresh seeds, judged by themselves, {IF_AS_OBSERVED}"
