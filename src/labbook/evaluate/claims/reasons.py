"""One plain sentence, or two, on how a verdict came about."""

import math

from labbook.evaluate.claims.effect_text import figures_text, parts_text
from labbook.evaluate.claims.forms.tuned import OVER_DRAWS
from labbook.evaluate.claims.outcome import (
    DIFFERENCE,
    RATIO,
    Judgement,
    Outcome,
)
from labbook.evaluate.statistics.location_tests import NO_TEST, T_AND_SIGN
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
    count,
    listing,
    number,
    p_value,
    percent,
    sentence,
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
    text = f"{figures_text(claim, outcome)}{parts_text(outcome.compared)}"
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
