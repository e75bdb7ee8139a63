"""The rounds of a search's race: what is clearly worse is dropped, the rest gets more seeds.

Rows, one per combination that still raced: `label`, `settings`, `seeds` (how many), `values` (by
seed, the metric of validation rows; null: diverged), `mean`, `low` and `high` (its 95 % interval,
no width known of one seed: null), `behind` the best one and `scale` (`ratio`: the quotient of the
means; `difference`), `p` (one-sided, paired by seed), `best`, `dropped`, and `why` in words.
Nothing where the race was over before. Decided by the last round: `winner` (label), `settings`.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from labbook.evaluate.claims.outcome import DIFFERENCE, RATIO
from labbook.evaluate.statistics.intervals import metric_interval, unscaled
from labbook.evaluate.writing import null_for_nan
from labbook.measures import is_ratio
from labbook.params.tuning import MOST_SEEDS
from labbook.plan.tunings import RACE
from labbook.tuning.search.behind import Behind, behind
from labbook.tuning.search.standing import (
    STANDING,
    Standing,
    combinations_of,
    metric_of_choice,
    search_of,
)
from labbook.tuning.step import Before, Found, Trial
from labbook.wording import count, metric_name, number, p_value

ONE_LEFT = "one combination is left"
NO_BUDGET = "the budget is spent"
ALL_SEEDS = f"{MOST_SEEDS} seeds are as many as there are"
WINNER, THAN = "the winner", "compared with"  # labels of the trials of the last step


def race(before: Before, number_of_round: int) -> Found:
    """One round of the race; the last also asks for what the final step judges."""
    earlier = list(before.found.values())[-1]
    standing, metric = Standing.of(earlier), metric_of_choice(before.plan)
    said, rows = f"The race is over: {standing.over}. Nothing is left to do here.", []
    if not standing.over:
        standing = standing.after(before.tried, metric)
        found = behind(standing.table(metric))
        rows = list(_rows(before, standing, found))
        if all(row["mean"] is None for row in rows):
            return _stopped(before, number_of_round, rows, standing)
        kept = tuple(row["label"] for row in rows if not row["dropped"])
        standing = replace(standing, racing=kept)
        more, over = _more_seeds(before, standing, number_of_round)
        standing = replace(standing, over=over)
        said = _said(before, rows, standing, more)
    result = Found(f"race-{number_of_round}", said, tuple(rows), {STANDING: standing.plain()})
    if number_of_round == RACE:
        return _handed_on(before, result, standing)
    return result if standing.over else replace(result, asked=_asked(before, standing, more))


def _rows(before: Before, standing: Standing, found: Behind) -> Iterator[dict[str, Any]]:
    metric = metric_of_choice(before.plan)
    combinations = combinations_of(before.plan)
    for place, label in enumerate(standing.racing):
        values = np.array(standing.values[label])
        interval = metric_interval(values, metric)
        why = "diverged more often than others" if found.failed[place] else ""
        if place == found.best:
            why = "the best"
        yield null_for_nan({
            "label": label, "settings": dict(combinations[label].settings),
            "seeds": len(values), "values": values.tolist(),
            "mean": interval.mean, "low": interval.low, "high": interval.high,
            "behind": float(unscaled(found.by[place], metric)),
            "scale": RATIO if is_ratio(metric) else DIFFERENCE,
            "p": float(found.p[place]), "best": bool(place == found.best),
            "dropped": bool(found.worse[place]),
            "why": why or ("clearly worse" if found.worse[place] else "not clearly worse"),
        })  # fmt: skip


def _more_seeds(before: Before, standing: Standing, number_of_round: int) -> tuple[int, str]:
    """How many seeds more each gets: at most as many again; or 0, and why there are none."""
    if len(standing.racing) == 1:
        return 0, ONE_LEFT
    if standing.seeds >= MOST_SEEDS:
        return 0, ALL_SEEDS
    whole = before.plan.recipe.training.epochs
    seeds = (search_of(before.plan).budget - standing.spent) // (whole * len(standing.racing))
    if not seeds or number_of_round == RACE:
        return 0, NO_BUDGET if not seeds else f"these were its {RACE} rounds"
    shared = max(1, seeds // (RACE - number_of_round))  # among the rounds that are still to come
    return min(shared, standing.seeds, MOST_SEEDS - standing.seeds), ""


def _asked(before: Before, standing: Standing, more: int) -> tuple[Trial, ...]:
    combinations = combinations_of(before.plan)
    seeds = before.plan.block.search_seeds[standing.seeds : standing.seeds + more]
    return tuple(
        Trial(label, combinations[label].recipe, seed)
        for label in standing.racing
        for seed in seeds
    )


def winner_of(standing: Standing, metric: str) -> str:
    """The label of the best that is left, of equals the first that was drawn."""
    return standing.racing[behind(standing.table(metric)).best]


def _handed_on(before: Before, found: Found, standing: Standing) -> Found:
    """The last round's finding with the winner, and what the final step judges asked for."""
    plan = before.plan
    label = winner_of(standing, metric_of_choice(plan))
    winner = combinations_of(plan)[label]
    sides = {WINNER: winner.recipe}
    if winner.recipe != plan.than:
        sides[THAN] = plan.than
    return replace(
        found,
        said=f"{found.said} The winner is {label}.",
        decided={**found.decided, "winner": label, "settings": dict(winner.settings)},
        asked=tuple(Trial(name, one, seed) for name, one in sides.items() for seed in plan.seeds),
    )


def _stopped(before: Before, number: int, rows: list[dict[str, Any]], standing: Standing) -> Found:
    epochs = before.plan.recipe.training.epochs
    why = (
        f"All combinations that were kept diverged within their {count(epochs, 'epoch')}. Discard "
        "later (search.epochs), let the search draw lower values of optimizer.rate, or set "
        "training.clip."
    )
    said = f"{count(len(rows), 'combination')} raced, and none came to an end."
    decided = {STANDING: standing.plain()}
    return Found(f"race-{number}", said, tuple(rows), decided, stopped=why)


def _said(before: Before, rows: list[dict[str, Any]], standing: Standing, more: int) -> str:
    best = next(row for row in rows if row["best"])
    metric = metric_name(metric_of_choice(before.plan))
    text = f"With {count(best['seeds'], 'seed')} {best['label']} is the best: "
    text += f"{metric} {number(best['mean'])}. "
    others = [row for row in rows if not row["best"]]
    dropped = [row for row in others if row["dropped"]]
    if others:
        which = f"{len(dropped):,}" if dropped else "none"
        text += f"Dropped as clearly worse: {which} of {count(len(others), 'other')}. "
    staying = [row for row in others if not row["dropped"] and row["p"] is not None]
    if staying:
        nearest = min(staying, key=lambda row: (-row["p"], row["label"]))
        p = p_value(math.nan if nearest["p"] is None else nearest["p"])
        text += f"The nearest that stays is {nearest['label']} (p {p}). "
    budget = search_of(before.plan).budget
    text += f"{standing.spent:,} of {budget:,} epochs are spent. "
    if standing.over:
        return f"{text}The race is over: {standing.over}."
    racing = count(len(standing.racing), "combination")
    return f"{text}{racing} go on, with {count(more, 'seed')} more each."
