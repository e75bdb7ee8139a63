"""What the values of one column look like: ranges, moments, what is frequent, a histogram."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

MOST_BINS = 24
MOST_LEVELS = 8  # of a category that are named; the others are counted
QUARTILES = ("min", "q25", "median", "q75", "max")


def summary_of_numbers(values: np.ndarray) -> dict[str, Any]:
    """What there is to say of numbers (rows,), NaN where a field is empty.

    None stands for what has no value. The deviation is that of a sample, with n - 1.
    """
    known = values[~np.isnan(values)]
    some, several = len(known) > 0, len(known) > 1
    with np.errstate(all="ignore"):  # what is too large to be added up has no mean
        quartiles = np.quantile(known, [0, 0.25, 0.5, 0.75, 1]) if some else [math.nan] * 5
        return {
            "missing": int(len(values) - len(known)),
            "distinct": len(np.unique(known)),
            **{name: finite(value) for name, value in zip(QUARTILES, quartiles, strict=True)},
            "mean": finite(known.mean()) if some else None,
            "deviation": finite(known.std(ddof=1)) if several else None,
            "histogram": histogram(known) if some else None,
        }


def histogram(values: np.ndarray) -> dict[str, Any]:
    """How many `values` (rows,), of which there are some, lie where.

    Of few different ones that come again each has a count; else bins of equal width from `low` to
    `high` have. Of bins there are twice the cube root of the number of values, up to `MOST_BINS`.
    """
    each, counts = np.unique(values, return_counts=True)
    if len(each) == 1 or (len(each) <= MOST_BINS and 2 * len(each) <= len(values)):
        return {"values": each.tolist(), "counts": counts.tolist()}
    bins = next((n for n in range(1, MOST_BINS) if n**3 >= 8 * len(values)), MOST_BINS)
    low, high = float(each[0]), float(each[-1])
    places = (within(values, low, high) * bins).astype(int)
    counts = np.bincount(np.minimum(places, bins - 1), minlength=bins)
    return {"low": low, "high": high, "counts": counts.tolist()}


def within(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Where `values` (rows,) lie between two different numbers: from 0 to 1."""
    if math.isinf(high - low):
        values, low, high = values / 2, low / 2, high / 2
    return np.asarray((values - low) / (high - low))


def summary_of_levels(
    levels: Sequence[str], counts: np.ndarray, missing: int, *, ordered: bool
) -> dict[str, Any]:
    """What there is to say of a category: how often it has which of its levels, `counts` (levels,).

    The most frequent first, or where they are `ordered` those in their order.
    """
    found = [number for number in np.argsort(-counts, kind="stable") if counts[number]]
    named = found[:MOST_LEVELS]
    if ordered:
        named.sort()
    return {
        "missing": missing,
        "distinct": len(found),
        "levels": [[levels[number], int(counts[number])] for number in named],
        "others": int(counts[found[MOST_LEVELS:]].sum()),
    }


def finite(value: float) -> float | None:
    """A number as JSON has it; None for what is none."""
    return float(value) if math.isfinite(value) else None
