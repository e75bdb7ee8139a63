"""Which members of a side are better than the other side, though their mean is not."""

import numpy as np

from labbook.evaluate.censored import median_interval
from labbook.evaluate.results import Results
from labbook.evaluate.sides import Side, has_goal, middle, side_times, side_values
from labbook.evaluate.statistics import ROUNDING, metric_interval, restored
from labbook.wording import count, digits, listing, number

MOST_NAMED = 3


def exceptions(results: Results, metric: str, first: Side, second: Side, name: str) -> str:
    """Which combinations of the second side are better than the first side, called `name`.

    By the figures of which the tables tell; empty where there are none, or a single combination.
    """
    if len(second) == 1:
        return ""
    goal = has_goal(results, metric, first, second)
    own, figure = _figure(results, metric, first, goal)
    others = {label: _figure(results, metric, [label], goal) for label in second}
    better = sorted(
        (one for one in others if _exceeds(others[one][0], own)), key=others.__getitem__
    )
    if not better:
        return ""
    named = [f"{label} ({others[label][1]})" for label in reversed(better)]
    named = [*named[:MOST_NAMED], *_more(len(named) - MOST_NAMED)]
    verb = "has" if len(better) == 1 else "have"
    which = "all" if len(better) == len(second) else str(len(better))
    return (
        f"of the {len(second)} combinations compared with it {which} {verb} a better "
        f"{middle(metric, goal)} than {name} ({figure}): {listing(named)}"
    )


def _exceeds(value: float, other: float) -> bool:
    """Larger by more than the rounding of a mean."""
    return value > other and not np.isclose(value, other, rtol=ROUNDING, atol=ROUNDING)


def _more(others: int) -> list[str]:
    return [count(others, "other")] if others > 0 else []


def _figure(results: Results, metric: str, side: Side, goal: bool) -> tuple[float, str]:
    """Mean or median of a side, larger is better, minus infinity for none; and as a text."""
    if goal:
        found = median_interval(side_times(results, side)).mean
        known = np.isfinite(found)
        return (-found if known else -np.inf), (number(round(found)) if known else "open")
    values = side_values(results, metric, side)
    mean = np.mean(values[np.isfinite(values)]) if np.isfinite(values).any() else -np.inf
    interval = metric_interval(restored(values, metric), metric)
    return float(mean), digits(interval.mean, interval.low, interval.high).mean
