"""What runs gave on a claim, in words: the effect on its scale, what failed, which parts are meant.

Effects have the scale of verdicts.csv and of the report's pictures: a ratio is that of the other
side's figure to that of the side claimed better, so that above 1 is as claimed.
"""

import math

from labbook.evaluate.claims.forms.order import pairs_text
from labbook.evaluate.claims.outcome import (
    CLAIMED_BETTER,
    CORRELATION,
    DIFFERENCE,
    RATIO,
    SHARE,
    VALUE,
    Outcome,
)
from labbook.evaluate.statistics.paired import Comparison
from labbook.plan.studies import ClaimPlan
from labbook.wording import (
    MEDIAN,
    NOTHING,
    change,
    count,
    digits,
    metric_name,
    number,
    sentence,
    times,
)


def figures_text(claim: ClaimPlan, outcome: Outcome) -> str:
    """What the runs gave, by the scale of the effect."""
    compared, seeds = outcome.compared, count(outcome.n, "seed")
    if outcome.scale == SHARE:
        return sentence(outcome.ours)
    if outcome.scale == VALUE:
        name = "" if outcome.middle == MEDIAN else f"{outcome.middle} "  # which says so itself
        return f"Over {seeds}, {name}{metric_name(claim.metric)}: {outcome.ours}"
    if outcome.scale == CORRELATION:
        effect = digits(outcome.effect, outcome.low, outcome.high)
        text = f"Over {seeds} the order found correlates with the claimed one by "
        text += f"{effect.mean} ({effect.interval})"
        pairs = pairs_text(outcome.pairs)
        return f"{text}; {pairs}" if pairs else text
    if compared is not None and (outcome.test == "sign" or not math.isfinite(outcome.effect)):
        return _signs(claim, compared, seeds)
    over = f"Over {seeds}"
    if compared is not None and (failed := _failures(claim, compared)):
        over = f"Over all {seeds} ({failed})"
    if outcome.effect == 0 and outcome.scale != RATIO:
        return f"{over} {metric_name(claim.metric)} is the same"
    return f"{over} {_effect(claim, outcome)}"


def _effect(claim: ClaimPlan, outcome: Outcome) -> str:
    """The effect on its scale: as claimed above ×1, or with a plus."""
    name, ratio = metric_name(claim.metric), outcome.scale == RATIO
    low, high = outcome.low, outcome.high
    if ratio and not math.isfinite(outcome.effect):
        ends = [f"at least ×{number(low)}"] if math.isfinite(low) else []
        ends += [f"at most ×{number(high)}"] if math.isfinite(high) else []
        if not ends:
            return f"{name} compare as {outcome.ours}"
        return f"the other side has {' and '.join(ends)} the {name} of the {CLAIMED_BETTER}"
    if ratio:
        text = times(digits(outcome.effect, low, high))
    else:
        text = change(DIFFERENCE, outcome.effect, low, high)
    interval = "no interval" if text.interval == NOTHING else text.interval
    if claim.form == "more_than":
        how = f"is {text.mean} the other" if ratio else f"differs by {text.mean} from the other"
        return f"the gain in {name} that is claimed larger {how} ({interval})"
    first, other = CLAIMED_BETTER, "other side"
    if claim.form == "alike":
        first, other = "first side", "second"
    if ratio:
        return f"the {other} has {text.mean} the {name} of the {first} ({interval})"
    return f"the {first} differs by {text.mean} in {name} ({interval})"


def _failures(claim: ClaimPlan, compared: Comparison) -> str:
    """Which runs failed on one side alone, and how they count; empty if none did."""
    if not compared.failed:
        return ""
    if claim.form == "more_than":
        return f"a failed run, worse than any number, decided in {count(compared.failed, 'seed')}"
    names = compared.parts or (f"the {CLAIMED_BETTER}", "the side compared with it")
    if claim.form == "alike" and not compared.parts:
        names = ("the first side", "the second")
    lost = zip(names, (compared.failed_first, compared.failed_second), strict=True)
    sides = (f"{name} failed alone in {count(n, 'seed')}" for name, n in lost if n)
    return f"a failed run counts as worse than any number: {', '.join(sides)}"


def parts_text(compared: Comparison | None) -> str:
    """Which parts of the sides the numbers are of, where failed runs divide a side."""
    if compared is None or not compared.parts:
        return ""
    halves = [" against ".join(compared.parts[i : i + 2]) for i in (0, 2)]
    text = f"; these numbers are of {' and '.join(filter(None, halves))}"
    divided = "of the parts into which failed runs divide a side"
    if compared.favours:
        return f"{text}, the least sure {divided}"
    return f"{text}; {divided} not all point the same way"


def _signs(claim: ClaimPlan, compared: Comparison, seeds: str) -> str:
    """In how many of the seeds it is as claimed, where no size can be told."""
    if compared.wins + compared.losses == 0:
        return f"No difference in any of {seeds}"
    text = f"As claimed in {compared.wins} of {seeds}"
    if compared.losses:
        text += f", the other way round in {compared.losses}"
    if failed := _failures(claim, compared):
        return f"{text}; {failed}"
    return f"{text}, by the same amount each time, which calls for the sign test"
