"""One plain sentence, or two, on how a verdict came about.

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
    Judgement,
    Outcome,
)
from labbook.evaluate.statistics.location_tests import NO_TEST
from labbook.evaluate.statistics.paired import Comparison
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


def why(judgement: Judgement) -> str:
    """The reason of a verdict."""
    claim, outcome = judgement.claim, judgement.outcome
    if judgement.verdict == NOT_JUDGED:
        return "These are not the data that the claim is about, but a stand-in for them."
    if judgement.shown == SAME and not outcome.pairs:
        return (
            "Both sides give the same numbers in every seed, so that no run could tell them apart."
        )
    text = f"{_shown(judgement)}."
    if outcome.exceptions:
        text += f" {sentence(outcome.exceptions)}."
    if claim.block.conditions:
        text += f" Not the source's conditions: {claim.block.conditions.rstrip('.')}."
    return text


def _shown(judgement: Judgement) -> str:
    claim, outcome = judgement.claim, judgement.outcome
    if outcome.untested:
        return outcome.untested
    if outcome.n == 0 and outcome.middle == MEDIAN:
        return "The budget, training.epochs, is too small to tell in any seed"
    if outcome.n == 0:
        return "No seed has a result"
    if outcome.test == NO_TEST and outcome.n >= FEWEST_SEEDS:
        return "Not every run reached the goal, and how long it would have taken is not known"
    if outcome.test == NO_TEST:
        return f"Fewer than {FEWEST_SEEDS} seeds with a result are too few for a test"
    if outcome.test == "exact":
        return f"Counted: {outcome.ours}"
    text = f"{_figures(claim, outcome)}{_parts_compared(outcome.compared)}"
    text += f" (p {p_value(judgement.p_holm)} after correction)"
    if claimed := _claimed(claim):
        text += f"; claimed is {claimed}"
    text += _of_kind(outcome, judgement.shown)
    if judgement.verdict == UNDECIDED and judgement.fresh_seeds is not None:
        text += f"; {_fresh(judgement.fresh_seeds)}"
    return text


def _of_kind(outcome: Outcome, kind: str) -> str:
    """What a kind of verdict adds to the figures."""
    if kind == ALIKE and outcome.pairs:
        return ""  # of which neighbours, the figures say
    if kind == SIZE_UNCLEAR and outcome.pairs:
        unclear = listing(f"{p.first} over {p.second}" for p in outcome.pairs if not p.relevant)
        return f": as claimed, but of {unclear} the difference may be too small to be relevant"
    if kind == SIZE_UNCLEAR and math.isnan(outcome.low):
        return ": as claimed, but by how much is open"
    whose = "that of another part" if outcome.low > outcome.margin else "the interval"
    return {
        ALIKE: f": within {_margin(outcome)}, which is no relevant difference",
        SIZE_UNCLEAR: f": as claimed, but {whose} reaches below {_margin(outcome)}, and what "
        "is smaller is no relevant difference",
        WEAKER: ": it is less than claimed",
        TREND_ONLY: ": ranks follow the claimed order, but not each neighbouring pair is shown",
    }.get(kind, "")


def _figures(claim: ClaimPlan, outcome: Outcome) -> str:
    if outcome.scale == SHARE:
        return sentence(outcome.ours)
    if outcome.scale == VALUE:
        name = "" if outcome.middle == MEDIAN else f"{outcome.middle} "  # which says so itself
        return f"Over {count(outcome.n, 'seed')}, {name}{metric_name(claim.metric)}: {outcome.ours}"
    if outcome.scale == CORRELATION:
        return _order(outcome)
    if outcome.compared is not None and (
        outcome.test == "sign" or not math.isfinite(outcome.effect)
    ):
        return _signs(claim, outcome.compared, count(outcome.n, "seed"))
    over = f"Over {count(outcome.n, 'seed')}"
    if outcome.compared is not None and (failed := _failures(claim, outcome.compared)):
        over = f"Over all {count(outcome.n, 'seed')} ({failed})"
    if outcome.effect == 0 and outcome.scale != RATIO:
        return f"{over} {metric_name(claim.metric)} is the same"
    return f"{over} {_effect(claim, outcome)}"


def _order(outcome: Outcome) -> str:
    effect = digits(outcome.effect, outcome.low, outcome.high)
    text = (
        f"Over {count(outcome.n, 'seed')} the order found correlates with the claimed one by "
        f"{effect.mean} ({effect.interval})"
    )
    pairs = pairs_text(outcome.pairs)
    return f"{text}; {pairs}" if pairs else text


def _effect(claim: ClaimPlan, outcome: Outcome) -> str:
    """The effect on its scale: as claimed above ×1, or with a plus."""
    name = metric_name(claim.metric)
    if outcome.scale == RATIO and not math.isfinite(outcome.effect):
        return _open_ratio(name, outcome)
    text = change(DIFFERENCE, outcome.effect, outcome.low, outcome.high)
    if outcome.scale == RATIO:
        text = times(digits(outcome.effect, outcome.low, outcome.high))
    if claim.form == "more_than":
        how = "is {} the other" if outcome.scale == RATIO else "differs by {} from the other"
        return (
            f"the gain in {name} that is claimed larger {how.format(text.mean)} ({_interval(text)})"
        )
    first, other = (
        ("first side", "second") if claim.form == "alike" else (CLAIMED_BETTER, "other side")
    )
    if outcome.scale == RATIO:
        return f"the {other} has {text.mean} the {name} of the {first} ({_interval(text)})"
    return f"the {first} differs by {text.mean} in {name} ({_interval(text)})"


def _interval(text: Digits) -> str:
    return "no interval" if text.interval == NOTHING else text.interval


def _open_ratio(name: str, outcome: Outcome) -> str:
    sides = [f"at least ×{number(outcome.low)}"] if math.isfinite(outcome.low) else []
    sides += [f"at most ×{number(outcome.high)}"] if math.isfinite(outcome.high) else []
    if not sides:
        return f"{name} compare as {outcome.ours}"
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


def _margin(outcome: Outcome) -> str:
    return f"×{outcome.margin:g}" if outcome.scale == RATIO else number(outcome.margin)


def _fresh(seeds: float) -> str:
    if seeds == math.inf:
        return f"not even {MOST_SEEDS} fresh seeds, judged by themselves, {IF_AS_OBSERVED}"
    many = max(int(seeds), FEWEST_SEEDS)
    return f"about {many} fresh seeds, judged by themselves, {IF_AS_OBSERVED}"


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


def _parts_compared(compared: Comparison | None) -> str:
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
