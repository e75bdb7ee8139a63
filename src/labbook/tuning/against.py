"""What was chosen against another recipe, on test rows, in pairs by seed: the end of any tuning."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from labbook.evaluate.claims.outcome import DIFFERENCE, RATIO
from labbook.evaluate.claims.side_figures import margin
from labbook.evaluate.statistics.intervals import NAN, metric_interval, oriented, unscaled
from labbook.evaluate.statistics.location_tests import NO_TEST, no_worse
from labbook.evaluate.statistics.paired import Comparison, compare
from labbook.evaluate.writing import null_for_nan
from labbook.measures import higher_is_better, is_ratio
from labbook.tuning.runs import number_of
from labbook.verdicts import (
    ALIKE,
    ALPHA,
    AS_GOOD,
    BETTER,
    NOT_JUDGED,
    SAME,
    STAND_IN,
    UNDECIDED,
    WORSE,
)
from labbook.wording import NOTHING, change, count, digits, metric_name, p_value

VERDICTS = (BETTER, WORSE, ALIKE, AS_GOOD, UNDECIDED, SAME, NOT_JUDGED)


def against(chosen: np.ndarray, than: np.ndarray, metric: str, edition: str) -> dict[str, Any]:
    """Compare the metric of two sides by seed, (seeds,), NaN where a run diverged.

    `verdict` is one of VERDICTS; `effect`, `low` and `high` are chosen against than on `scale`, in
    the metric's own direction: of errors a ratio below 1 is better. Then `p`, `p_alike`,
    `p_no_worse`, `margin` as it is shown, `test` and `n`, the pairs. A number that there is not is
    None.
    """
    limit, shown = margin(metric, None)
    found = compare(oriented(chosen, metric), oriented(than, metric), limit)
    tested = found.test != NO_TEST
    p_no_worse = no_worse(found.differences, found.test, limit) if tested else NAN
    sign = 1 if higher_is_better(metric) else -1
    # An end may be open, and is so on the other side then.
    ends = (found.difference.low, found.difference.high)[::sign]
    effect, low, high = unscaled(sign * np.array([found.difference.mean, *ends]), metric).tolist()
    told: dict[str, Any] = null_for_nan({
        "verdict": NOT_JUDGED if edition == STAND_IN else verdict(found, p_no_worse),
        "scale": RATIO if is_ratio(metric) else DIFFERENCE,
        "effect": effect, "low": low, "high": high,
        "p": found.p, "p_alike": found.p_alike, "p_no_worse": p_no_worse, "margin": shown,
        "test": found.test, "n": found.pairs,
    })  # fmt: skip
    return told


def has(values: np.ndarray, metric: str) -> str:
    """What a side has of the metric, (seeds,), in words: how many diverged is not left out."""
    one, name, runs = metric_interval(values, metric), metric_name(metric), len(values)
    if not one.n:
        return f"has no {name}, as all of its {count(runs, 'run')} diverged"
    lost = f", with {one.n} of {count(runs, 'run')}" if one.n < runs else ""
    return f"has a {name} of {digits(one.mean, one.low, one.high).whole}{lost}"


def effect_text(judged: Mapping[str, Any]) -> str:
    """The effect of what `against` tells, with its interval; empty where most runs diverged."""
    ends = (number_of(judged[name]) for name in ("effect", "low", "high"))
    text = change(judged["scale"], *ends).whole
    return "" if text == NOTHING else text


def p_text(judged: Mapping[str, Any]) -> str:
    """The p that the verdict of what `against` tells rests on, and of what it is."""
    name, of = {
        ALIKE: ("p_alike", " of a relevant difference"),
        AS_GOOD: ("p_no_worse", " of being worse by the margin"),
    }.get(judged["verdict"], ("p", ""))
    return f"p {p_value(number_of(judged[name]))}{of}"


def verdict(found: Comparison, p_no_worse: float) -> str:
    """As docs/evidence.md has it for a claim of two sides; likeness is asked first.

    What is not decided so may still be shown to be no worse than the margin allows: of what was
    chosen that is what one wants to know. Half of ALPHA, so that it agrees with the interval shown.
    """
    if found.p_alike < ALPHA:
        return ALIKE
    if found.p < ALPHA and found.favours:
        return BETTER if found.favours > 0 else WORSE
    return AS_GOOD if p_no_worse < ALPHA / 2 else UNDECIDED
