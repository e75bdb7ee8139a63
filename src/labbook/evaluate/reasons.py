"""One plain sentence on how a verdict came about."""

import math

from labbook.evaluate.comparison import Comparison
from labbook.evaluate.finding import CORRELATION, NO_TEST, RATIO, SHARE, VALUE, Finding
from labbook.evaluate.location_tests import SIGN
from labbook.evaluate.power import MOST_SEEDS
from labbook.metrics import is_ratio
from labbook.plan import ClaimPlan
from labbook.verdicts import ALIKE, FEWEST_SEEDS, NOT_JUDGED, UNDECIDED
from labbook.wording import count, digits, metric_name, number, p_value, percent


def why(
    claim: ClaimPlan, found: Finding, verdict: str, kind: str, p: float, more: float | None
) -> str:
    """The sentence; `p` is corrected, `more` the number of further seeds that would decide."""
    if verdict == NOT_JUDGED:
        return "These are not the data that the claim is about, but a stand-in for them."
    if found.n == 0:
        return "No seed has a result."
    if found.test == NO_TEST:
        return f"Fewer than {FEWEST_SEEDS} seeds with a result are too few for a test."
    if found.test == "exact":
        return f"Counted: {found.ours}."
    text = f"{_found(claim, found)} (p {p_value(p)} after correction)"
    if claim.block.at_least is not None:
        text += f"; claimed is at least {_least(claim)}"
    if kind == ALIKE:
        text += f": less than {_margin(found)}, which is no relevant difference"
    if verdict == UNDECIDED:
        text += f"; {_more(more)}"
    return text + "."


def _found(claim: ClaimPlan, found: Finding) -> str:
    if found.scale in (SHARE, VALUE):
        return f"Over {count(found.n, 'run' if found.scale == SHARE else 'seed')}: {found.ours}"
    compared, failed = found.compared, _failed(claim, found.compared)
    if compared and (found.test == SIGN or (failed and math.isnan(found.effect))):
        return _signs(claim, compared) + failed
    if found.scale == CORRELATION:
        text = digits(found.effect, found.low, found.high)
        return (
            f"Over {count(found.n, 'seed')} the order found correlates with the claimed one by "
            f"{text.mean} ({text.interval})"
        )
    return f"Over {count(found.n, 'seed')} the {_measure(claim)} {_effect(claim, found)}{failed}"


def _measure(claim: ClaimPlan) -> str:
    name = metric_name(claim.metric)
    return f"gain in {name}" if claim.form == "interaction" else name


def _effect(claim: ClaimPlan, found: Finding) -> str:
    first = "first side" if claim.form == "alike" else "side claimed better"
    if found.scale != RATIO:
        text = digits(found.effect, found.low, found.high)
        side = "better" if found.effect > 0 else "worse"
        if found.effect == 0:
            return "is the same"
        return f"of the {first} is {side} by {text.mean} ({text.interval})"
    if not math.isfinite(found.effect):
        return _open_ratio(found)
    if found.effect > 2:
        times = digits(found.effect, found.low, found.high)
        return f"of the other side is {times.mean} times as large ({times.interval})"
    # The claimed side's error as a share of the other's: the effect upside down.
    change, *ends = (percent(1 / ratio - 1) for ratio in (found.effect, found.high, found.low))
    return f"of the {first} differs from the other's by {change} ({ends[0]} to {ends[1]})"


def _open_ratio(found: Finding) -> str:
    sides = [f"at least {number(found.low)}"] if math.isfinite(found.low) else []
    sides += [f"at most {number(found.high)}"] if math.isfinite(found.high) else []
    if not sides:
        return f"compare as {found.ours}"
    return f"of the other side are {' and '.join(sides)} times those of the side claimed better"


def _signs(claim: ClaimPlan, compared: Comparison) -> str:
    if compared.wins + compared.losses == 0:
        return f"No difference in any of {count(compared.pairs, 'seed')}"
    text = f"As claimed in {compared.wins} of {count(compared.pairs, 'seed')}"
    if compared.losses:
        text += f", the other way round in {compared.losses}"
    if compared.failed:
        return text
    return f"{text}, by the same amount each time, which calls for the sign test"


def _failed(claim: ClaimPlan, compared: Comparison | None) -> str:
    """In how many seeds a failed run counts as worst; empty where none did."""
    if compared is None or not compared.failed:
        return ""
    if claim.form == "interaction":
        seeds = count(compared.failed, "seed")
        return f"; a failed run, worse than any number, decided in {seeds}"
    sides = {"claimed better": compared.failed_first, "compared with it": compared.failed_second}
    failed = [
        f"the side {side} failed alone in {count(n, 'seed')}" for side, n in sides.items() if n
    ]
    return f"; a failed run counts as worse than any number: {', '.join(failed)}"


def _least(claim: ClaimPlan) -> str:
    least = claim.block.at_least or 0.0
    return percent(least) if is_ratio(claim.metric) else number(least)


def _margin(found: Finding) -> str:
    return percent(found.margin - 1) if found.scale == RATIO else number(found.margin)


def _more(seeds: float | None) -> str:
    if seeds is None:
        return f"{FEWEST_SEEDS} seeds at least are needed"
    if seeds == math.inf:
        return (
            f"not even {MOST_SEEDS} more seeds would decide if effect and spread stay as they are"
        )
    return (
        f"about {count(int(seeds), 'more seed')} would decide if effect and spread stay as they are"
    )
