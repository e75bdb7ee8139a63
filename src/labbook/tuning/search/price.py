"""What choosing costs: the best of many was lucky, so it is worse on fresh seeds and test rows."""

from typing import Any

import numpy as np
from scipy import stats

from labbook.evaluate.claims.outcome import DIFFERENCE, RATIO
from labbook.evaluate.statistics.intervals import (
    LEVEL,
    NAN,
    constant,
    metric_interval,
    oriented,
    unscaled,
)
from labbook.evaluate.writing import null_for_nan
from labbook.measures import is_ratio
from labbook.tuning.runs import number_of
from labbook.wording import change, count, digits, metric_name

CHOSEN, FRESH, TEST = "chosen", "fresh seeds", "test rows"


def price_rows(chosen: np.ndarray, fresh: np.ndarray, test: np.ndarray, metric: str) -> list[Any]:
    """The winner when it was chosen, then on fresh seeds, then on the test rows of these.

    `chosen`, `fresh` and `test` are values of `metric` (of validation rows; `test` the same of test
    rows), one per seed, NaN where a run diverged. Each row has `of`, `n`, `mean`, `low`, `high`,
    and how much worse than when it was chosen: `price` with `price_low` and `price_high` on `scale`
    (a `ratio` above 1 or a `difference` above 0 is worse). The seeds are others, so nothing is
    paired: Welch's (1947) interval, of logarithms where the scale is a ratio.
    """
    rows = []
    for name, values in ((CHOSEN, chosen), (FRESH, fresh), (TEST, test)):
        interval = metric_interval(values, metric)
        row: dict[str, Any] = {
            "of": name, "n": interval.n,
            "mean": interval.mean, "low": interval.low, "high": interval.high,
        }  # fmt: skip
        if name != CHOSEN:
            ends = _worse(oriented(chosen, metric), oriented(values, metric))
            row |= {"scale": RATIO if is_ratio(metric) else DIFFERENCE}
            row |= dict(
                zip(
                    ("price", "price_low", "price_high"),
                    unscaled(np.array(ends), metric).tolist(),
                    strict=True,
                )
            )
        rows.append(null_for_nan(row))
    return rows


def _worse(before: np.ndarray, after: np.ndarray) -> tuple[float, float, float]:
    """By how much the second lie below the first on average, with a 95 % interval."""
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    if not len(before) or not len(after):
        return NAN, NAN, NAN
    mean = float(before.mean() - after.mean())
    if min(len(before), len(after)) < 2 or (constant(before) and constant(after)):
        return mean, NAN, NAN
    ends = stats.ttest_ind(before, after, equal_var=False).confidence_interval(LEVEL)
    return mean, float(ends.low), float(ends.high)


def price_text(rows: list[Any], metric: str, combinations: int) -> str:
    """The rows in words."""
    chosen, fresh, test = rows
    text = f"When it was chosen, as the best of {combinations:,}, its {metric_name(metric)} was "
    text += f"{_shown(chosen)} over {count(chosen['n'], 'seed')}; "
    if fresh["price"] is None:
        return (
            f"{text}with the fresh seeds of this step all of its runs diverged: no price is known."
        )
    text += f"on the {fresh['n']:,} fresh seeds of this step it is {_shown(fresh)}, on test rows "
    text += (
        f"{_shown(test)}."
        f" The price of choosing on fresh seeds: {_priced(fresh)}; on test rows {_priced(test)}."
    )
    low, none = fresh["price_low"], 1.0 if fresh["scale"] == RATIO else 0.0
    if low is not None and low <= none <= fresh["price_high"]:
        text += " That on fresh seeds is no more than chance could make."
    return text


def _shown(row: dict[str, Any]) -> str:
    mean, low, high = (number_of(row[end]) for end in ("mean", "low", "high"))
    return digits(mean, low, high).whole


def _priced(row: dict[str, Any]) -> str:
    """The price with its sign: more is worse, also of an accuracy."""
    values = (number_of(row[end]) for end in ("price", "price_low", "price_high"))
    return change(row["scale"], *values).whole
