"""The last step of a search: its winner against another recipe, on test rows of fresh seeds.

Rows, one per seed: `seed`, `winner_valid`, `winner_test`, `than_valid`, `than_test` (the metric;
null: diverged, or the winner is that recipe), `winner_epochs`, `than_epochs`.
Decided: `settings` of the winner and its `label`; `metric`; what `against` tells (`verdict`,
`effect`, ...); `price`, rows as in price.py; `combinations`, how many there were to choose from;
`spent`, the epochs of the search.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from labbook.evaluate.writing import null_for_nan
from labbook.tuning.against import against, effect_text, has
from labbook.tuning.search.price import price_rows, price_text
from labbook.tuning.search.race import THAN, WINNER
from labbook.tuning.search.standing import (
    Standing,
    combinations_of,
    metric_of_choice,
    search_of,
    value_of,
)
from labbook.tuning.step import Before, Found, Tried
from labbook.verdicts import ALIKE, AS_GOOD, BETTER, NOT_JUDGED, SAME, UNDECIDED, WORSE
from labbook.wording import count


def final(before: Before) -> Found:
    """Compare the winner with the plan's other recipe, and say what choosing it has cost."""
    plan, metric = before.plan, metric_of_choice(before.plan)
    last = list(before.found.values())[-1]
    label, standing = last.decided["winner"], Standing.of(last)
    runs = {(one.trial.label, one.trial.seed): one for one in before.tried}
    rows = [_row(runs, seed, metric) for seed in plan.seeds]
    sides = {name: np.array([row[name] for row in rows], float) for name in rows[0]}
    price = price_rows(
        np.array(standing.values[label]), sides["winner_valid"], sides["winner_test"], metric
    )
    alone = (THAN, plan.seeds[0]) not in runs
    judged = {"verdict": SAME}
    if not alone:
        test = _of_test(metric)
        judged = against(sides["winner_test"], sides["than_test"], test, before.data.edition)
    combinations = len(combinations_of(plan))
    said = _said(before, label, sides, judged) + price_text(price, metric, combinations)
    decided = {
        "label": label, "settings": last.decided["settings"], "metric": _of_test(metric), **judged,
        "price": price, "combinations": combinations, "spent": standing.spent,
    }  # fmt: skip
    return Found("final", said, tuple(map(null_for_nan, rows)), decided)


def _of_test(metric: str) -> str:
    return metric.replace("valid_", "test_", 1)


def _row(runs: Mapping[tuple[str, int], Tried], seed: int, metric: str) -> dict[str, Any]:
    row: dict[str, Any] = {"seed": seed}
    for name, label in (("winner", WINNER), ("than", THAN)):
        run = runs.get((label, seed))
        row[f"{name}_valid"] = np.nan if run is None else value_of(run, metric)
        row[f"{name}_test"] = np.nan if run is None else value_of(run, _of_test(metric))
        row[f"{name}_epochs"] = None if run is None else run.record.epochs
    return row


def _said(
    before: Before, label: str, sides: Mapping[str, np.ndarray], judged: Mapping[str, Any]
) -> str:
    metric, seeds = _of_test(metric_of_choice(before.plan)), count(len(before.plan.seeds), "seed")
    ours, other = (has(sides[f"{name}_test"], metric) for name in ("winner", "than"))
    if judged["verdict"] == SAME:
        text = "The search found nothing better than what it was to be compared with. "
        return f"{text}Over {seeds} {label} {ours}. "
    than = before.plan.block.than or before.plan.block.recipe
    text = f"Over {seeds} {label} {ours}. The recipe {than} {other}. {_told(judged)}. "
    return f"{text}The search took {_spent(before)} epochs. "


def _told(judged: Mapping[str, Any]) -> str:
    """The verdict with the effect it rests on."""
    if judged["verdict"] == NOT_JUDGED:
        return "The data are a stand-in, so nothing is judged"
    if not judged["n"]:
        return "All runs of both diverged, so there is nothing to compare"
    told = {
        BETTER: "The winner is better",
        WORSE: "The winner is worse",
        ALIKE: "There is no relevant difference",
        AS_GOOD: "The winner is at least as good",
        UNDECIDED: "Which is better is undecided",
    }[judged["verdict"]]
    effect = effect_text(judged)
    return f"{told}: {effect}" if effect else told


def _spent(before: Before) -> str:
    spent = Standing.of(list(before.found.values())[-1]).spent
    return f"{spent:,} of {search_of(before.plan).budget:,}"
