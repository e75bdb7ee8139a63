"""Better than the mean of others is not better than each: who of the others is better."""

import numpy as np

from labbook.evaluate.claims.side_figures import middle
from labbook.evaluate.claims.sides import Side, has_goal
from labbook.evaluate.statistics.intervals import ROUNDING
from labbook.wording import count, listing

MOST_NAMED = 3  # of the combinations that are better than the side claimed better


def better_members(first: Side, second: Side, name: str) -> str:
    """Which combinations of the second side are better than the first side, called `name`.

    By the figures of which the tables tell; empty where there are none, or a single combination.
    Who failed in more seeds than the first side is not better, whatever those that ended have.
    """
    if len(second.labels) == 1:
        return ""
    goal = has_goal(first, second)
    mean, failed, text = first.figure(goal)
    better = {}
    for label in second.labels:
        other, other_failed, other_text = Side(second.results, second.metric, (label,)).figure(goal)
        same = np.isclose(other, mean, rtol=ROUNDING, atol=ROUNDING)
        if other > mean and not same and other_failed <= failed:
            better[f"{label} ({other_text})"] = other
    if not better:
        return ""
    names = sorted(better, key=lambda one: -better[one])
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], count(len(names) - MOST_NAMED, "other")]
    verb = "has" if len(better) == 1 else "have"
    which = "all" if len(better) == len(second.labels) else str(len(better))
    return (
        f"of the {len(second.labels)} combinations compared with it {which} {verb} a better "
        f"{middle(first.metric, goal)} than {name} ({text}): {listing(names)}"
    )
