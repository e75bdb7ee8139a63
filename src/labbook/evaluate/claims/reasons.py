"""One plain sentence, or two, on how a verdict came about.

Effects have the scale of verdicts.csv and of the report's pictures: a ratio is that of the other
side's figure to that of the side claimed better, so that above 1 is as claimed.
"""

import math

from labbook.evaluate.claims.forms.order import pairs_text
from labbook.evaluate.claims.forms.tuned import OVER_DRAWS
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
from labbook.evaluate.statistics.location_tests import NO_TEST, T_AND_SIGN
from labbook.evaluate.statistics.paired import Comparison
from labbook.evaluate.statistics.power import MOST_SEEDS
from labbook.measures import is_ratio
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


def why(judgement: Judgement) -> str:
    """The reason of a verdict."""
    claim, outcome = judgement.claim, judgement.outcome
    if judgement.verdict == NOT_JUDGED:
        return "These are not the data that the claim is about, but a stand-in for them."
    if judgement.shown == SAME and not outcome.pairs:
        return (
            "Both sides give the same numbers in every seed, so that no run could tell them apart."
        )
    text = f"{_without_test(outcome) or _with_test(judgement)}."
    text += _at_look(judgement)
    if outcome.exceptions:
        text += f" {sentence(outcome.exceptions)}."
    if claim.block.conditions:
        text += f" Not the source's conditions: {claim.block.conditions.rstrip('.')}."
    return text


def _at_look(judgement: Judgement) -> str:
    """At which of several looks a claim was decided, or that none decided it."""
    looked = judgement.looked
    if looked.of == 1:
        return ""
    look, seeds = f"look {looked.number} of {looked.of}", count(looked.seeds, "seed")
    if judgement.decided:
        return f" Decided at {look}, with {seeds}."
    if looked.number == looked.of:
        return f" Undecided after all {looked.of} looks, with {seeds}."
    return f" Undecided at {look}, with {seeds}."


def _without_test(outcome: Outcome) -> str:
    """Why there was no test of chance; empty where there was one."""
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
    return f"Counted: {outcome.ours}" if outcome.test == "exact" else ""


def _with_test(judgement: Judgement) -> str:
    """The figures, their p, what is claimed, what the kind of verdict adds, and fresh seeds."""
    claim, outcome = judgement.claim, judgement.outcome
    text = f"{_figures(claim, outcome)}{_parts_compared(outcome.compared)}"
    text += f"{_at_best(judgement)} (p {p_value(judgement.p_holm)} after correction)"
    if claimed := _claimed(claim):
        text += f"; claimed is {claimed}"
    text += _of_kind(outcome, judgement.shown)
    if judgement.verdict != UNDECIDED:
        return text
    if outcome.test == T_AND_SIGN and _without_none(outcome):
        text += "; the differences are skewed, and tests that allow for it are less sure than this "
        text += "interval"
    if judgement.fresh_seeds is None:
        return text
    many = f"not even {MOST_SEEDS}"
    if judgement.fresh_seeds != math.inf:
        many = f"about {max(int(judgement.fresh_seeds), FEWEST_SEEDS)}"
    decide = "would decide if effect and spread stay as they are"
    return f"{text}; {many} fresh seeds, judged by themselves, {decide}"


def _without_none(outcome: Outcome) -> bool:
    """Whether the interval of an effect says that there is one."""
    none = {RATIO: 1.0, DIFFERENCE: 0.0}.get(outcome.scale, outcome.low)
    return outcome.low > none or outcome.high < none


def _at_best(judgement: Judgement) -> str:
    """What is compared of methods that were tuned, and whether other draws are thought of."""
    tries = judgement.claim.block.tuned
    if tries is None:
        return ""
    text = f", each at its best of {count(tries, 'try', 'tries')} by validation rows"
    if judgement.outcome.test == OVER_DRAWS:
        text += "; p and interval count which settings were drawn as chance, too"
    return text


def _claimed(claim: ClaimPlan) -> str:
    """The bound that a claim names."""
    least = claim.block.at_least
    if least is not None:
        return f"at least ×{number(1 + least)}" if is_ratio(claim.metric) else f"at least {least:g}"
    block = claim.block.share or claim.block.level
    if block is None:
        return ""
    written = percent if claim.block.share else number
    bounds = {"above": block.above, "below": block.below}
    return " and ".join(f"{word} {written(end)}" for word, end in bounds.items() if end is not None)


def _of_kind(outcome: Outcome, kind: str) -> str:
    """What a kind of verdict adds to the figures."""
    if kind == ALIKE and outcome.pairs:
        return ""  # of which neighbours, the figures say
    if kind == SIZE_UNCLEAR and outcome.pairs:
        unclear = listing(f"{p.first} over {p.second}" for p in outcome.pairs if not p.relevant)
        return f": as claimed, but of {unclear} the difference may be too small to be relevant"
    if kind == SIZE_UNCLEAR and math.isnan(outcome.low):
        return ": as claimed, but by how much is open"
    margin = f"×{outcome.margin:g}" if outcome.scale == RATIO else number(outcome.margin)
    whose = "that of another part" if outcome.low > outcome.margin else "the interval"
    return {
        ALIKE: f": within {margin}, which is no relevant difference",
        SIZE_UNCLEAR: f": as claimed, but {whose} reaches below {margin}, and what "
        "is smaller is no relevant difference",
        WEAKER: ": it is less than claimed",
        TREND_ONLY: ": ranks follow the claimed order, but not each neighbouring pair is shown",
    }.get(kind, "")


def _figures(claim: ClaimPlan, outcome: Outcome) -> str:
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
