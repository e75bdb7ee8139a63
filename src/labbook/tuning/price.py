"""The price of choosing: the best of many settings was lucky, too, with the rows that chose it.

Of the full training with the chosen setting: `metric` (of validation rows), `at_choice` (the mean
with the seeds that chose), `fresh` (with those of the last step, which did not), `test` (with these
on test rows), `settings` (how many the last two steps that chose compared), `finalists` (how many
of them in full), `n_choice` and `n_fresh` (seeds with which it did not diverge), `diverged` (with
how many of the last step's it did).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from labbook.evaluate.statistics.intervals import metric_interval
from labbook.metrics import chosen_by
from labbook.tuning.runs import decided, plain
from labbook.tuning.step import Before, Tried
from labbook.wording import count, metric_name, number


def price_of(before: Before, at_choice: Sequence[Tried], fresh: Sequence[Tried]) -> dict[str, Any]:
    """What the chosen setting came to with the rows that chose it, and with others."""
    metric = chosen_by(before.plan.task)
    chose, others = (
        [one for one in tried if np.isfinite(one.record.metrics[metric])]
        for tried in (at_choice, fresh)
    )
    return {
        "metric": metric,
        "at_choice": _mean(chose, metric),
        "fresh": _mean(others, metric),
        "test": _mean(others, metric.replace("valid_", "test_")),
        "settings": decided(before, "finalists", "settings"),
        "finalists": decided(before, "finalists", "finalists"),
        "n_choice": len(chose),
        "n_fresh": len(others),
        "diverged": len(fresh) - len(others),
    }


def _mean(tried: Sequence[Tried], metric: str) -> float | None:
    values = np.array([one.record.metrics[metric] for one in tried], float)
    return plain(metric_interval(values, metric).mean)


def said_of(price: dict[str, Any]) -> str:
    """The price in a sentence."""
    said = f"The price of choosing the best of {count(price['settings'], 'setting')}"
    said += f" ({price['finalists']:,} of them in full)"
    if not price["n_choice"] or not price["n_fresh"]:
        which = "did not choose" if price["n_choice"] else "chose"
        return f"{said} is not known: with the seeds that {which} all runs like these diverged."
    said += f": {metric_name(price['metric'])} {number(price['at_choice'])} with the "
    said += f"{count(price['n_choice'], 'seed')} that chose"
    said += f", {number(price['fresh'])} with {price['n_fresh']} that did not"
    said += f" (and diverged with {price['diverged']} more)" if price["diverged"] else ""
    return f"{said}, {number(price['test'])} with these on test rows."
