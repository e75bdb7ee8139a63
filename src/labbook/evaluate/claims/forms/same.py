"""Sides that give the same numbers in every seed: there is nothing to compare."""

import numpy as np

from labbook.evaluate.claims.sides import Side
from labbook.evaluate.results import Results


def same_numbers(results: Results, metric: str, first: Side, second: Side) -> bool:
    """Whether two combinations agree in `metric` and in all metrics of their kept weights.

    One metric alone could agree by chance, an accuracy of 1 for example. What failed on both sides
    in every seed gives no numbers.
    """
    if len(first) != 1 or len(second) != 1:
        return False
    records = [results.records[label, results.study.seeds[0]] for label in (*first, *second)]
    names = sorted({metric, *(name for record in records for name in record.metrics)})
    one, two = ([results.values(side[0], name) for name in names] for side in (first, second))
    return bool(np.isfinite(one).any() and np.array_equal(one, two, equal_nan=True))
