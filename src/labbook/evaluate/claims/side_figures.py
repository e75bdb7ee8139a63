"""What the figures of a claim's sides are called, how they are written, and what matters little."""

import numpy as np

from labbook.evaluate.statistics.censored import Censored, median_interval
from labbook.evaluate.statistics.intervals import Interval
from labbook.measures import is_ratio, metric_of
from labbook.wording import MEDIAN, digits, mean_name, number


def middle(metric: str, goal: bool = False) -> str:
    """What the figures of sides are called."""
    return MEDIAN if goal else mean_name(is_ratio(metric))


def margin(metric: str, given: float | None) -> tuple[float, float]:
    """What matters little, on the scale of comparison, and as it is shown: 0.05 as 1.05."""
    given = metric_of(metric).margin if given is None else given
    return (float(np.log1p(given)), 1 + given) if is_ratio(metric) else (given, given)


def interval_text(interval: Interval) -> str:
    """`0.842 (0.80 to 0.88)`."""
    return digits(interval.mean, interval.low, interval.high).whole


def median_text(times: Censored) -> str:
    """`median 2,700 epochs (1,400 to 4,400); 6 of 8 got there`."""
    interval, n = median_interval(times), len(times.epochs)
    arrived = f"{int(times.reached.sum())} of {n} got there"
    if not np.isfinite(interval.mean):
        return f"median above {number(round(times.epochs.max()))} epochs; {arrived}"
    low, high = (
        number(round(end)) if np.isfinite(end) else "open" for end in (interval.low, interval.high)
    )
    text = f"median {number(round(interval.mean))} epochs ({low} to {high})"
    return text if times.reached.all() else f"{text}; {arrived}"
