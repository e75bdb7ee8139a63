"""What was chosen against another recipe, on test rows, in pairs by seed: the end of any tuning."""

from typing import Any

import numpy as np

from labbook.evaluate.claims.outcome import DIFFERENCE, RATIO
from labbook.evaluate.claims.sides import margin
from labbook.evaluate.statistics.intervals import NAN, oriented, unscaled
from labbook.evaluate.statistics.location_tests import NO_TEST, no_worse
from labbook.evaluate.statistics.paired import Comparison, compare
from labbook.evaluate.writing import null_for_nan
from labbook.measures import higher_is_better, is_ratio
from labbook.verdicts import ALIKE, ALPHA, NOT_JUDGED, SAME, STAND_IN, UNDECIDED

BETTER, WORSE, AS_GOOD = "better", "worse", "at least as good"
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


def verdict(found: Comparison, p_no_worse: float) -> str:
    """As docs/evidence.md has it for a claim of two sides; likeness is asked first.

    What is not decided so may still be shown to be no worse than the margin allows: of what was
    chosen that is what one wants to know.
    """
    if found.p_alike < ALPHA:
        return ALIKE
    if found.p < ALPHA and found.favours:
        return BETTER if found.favours > 0 else WORSE
    return AS_GOOD if p_no_worse < ALPHA else UNDECIDED
