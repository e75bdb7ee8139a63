"""Which members of a side are better than the other side, though their mean is not."""

from typing import NamedTuple

import numpy as np

from labbook.evaluate.claims.sides import Side, has_goal, left_out, middle, side_times, side_values
from labbook.evaluate.statistics.censored import median_interval
from labbook.evaluate.statistics.intervals import ROUNDING, metric_interval, restored
from labbook.evaluate.study_runs import StudyRuns
from labbook.wording import count, digits, listing, number

MOST_NAMED = 3


def exceptions(results: StudyRuns, metric: str, first: Side, second: Side, name: str) -> str:
    """Which combinations of the second side are better than the first side, called `name`.

    By the figures of which the tables tell; empty where there are none, or a single combination.
    Who failed in more seeds than the first side is not better, whatever those that ended have.
    """
    if len(second) == 1:
        return ""
    goal = has_goal(results, metric, first, second)
    own = _figure(results, metric, first, goal)
    others = {label: _figure(results, metric, [label], goal) for label in second}
    better = sorted((o for o in others if others[o].exceeds(own)), key=lambda o: -others[o].value)
    if not better:
        return ""
    named = [f"{label} ({others[label].text})" for label in better]
    named = [*named[:MOST_NAMED], *_more(len(named) - MOST_NAMED)]
    verb = "has" if len(better) == 1 else "have"
    which = "all" if len(better) == len(second) else str(len(better))
    return (
        f"of the {len(second)} combinations compared with it {which} {verb} a better "
        f"{middle(metric, goal)} than {name} ({own.text}): {listing(named)}"
    )


class Figure(NamedTuple):
    """Mean or median of a side, larger is better, minus infinity for none; in how many seeds a run
    failed; and the figure as a text.
    """

    value: float
    failed: int
    text: str

    def exceeds(self, other: "Figure") -> bool:
        """Better by more than the rounding of a mean, with no more failures."""
        same = np.isclose(self.value, other.value, rtol=ROUNDING, atol=ROUNDING)
        return self.value > other.value and not same and self.failed <= other.failed


def _more(others: int) -> list[str]:
    return [count(others, "other")] if others > 0 else []


def _figure(results: StudyRuns, metric: str, side: Side, goal: bool) -> Figure:
    if goal:  # failed runs are part of the median
        found = median_interval(side_times(results, side)).mean
        known = np.isfinite(found)
        return Figure(-found if known else -np.inf, 0, number(round(found)) if known else "open")
    values = side_values(results, metric, side)
    failed = int(np.isnan(values).sum())
    mean = np.mean(values[np.isfinite(values)]) if np.isfinite(values).any() else -np.inf
    interval = metric_interval(restored(values, metric), metric)
    text = digits(interval.mean, interval.low, interval.high).mean
    return Figure(float(mean), failed, text + left_out(results, side, interval.n))
