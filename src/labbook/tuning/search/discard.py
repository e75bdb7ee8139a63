"""The second step of a search: what is worse after a few epochs goes, the rest trains to the end.

Rows, one per combination: `number`, `label`, `settings` (as in the first step), `seed`, `epochs`
that were trained, `ended` (one of runfile.ENDINGS), `value` (the metric of validation rows; null:
diverged), `place` (1 is the best; null: diverged), `kept`, and `why` in words.
Decided beside the standing: `metric`, and `importance`, see importance.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from labbook.evaluate.statistics.intervals import oriented
from labbook.params.searched import START
from labbook.params.tuning import FEWEST_RACING, FIRST_SEEDS
from labbook.tuning.search.importance import importance, importance_text
from labbook.tuning.search.standing import (
    STANDING,
    Standing,
    combinations_of,
    metric_of_choice,
    search_of,
    value_of,
)
from labbook.tuning.step import Before, Found, Trial, Tried
from labbook.wording import count, metric_name, number

FIRST_SHARE = 0.5  # of what is left of the budget goes to the first seeds of those that are kept


def discard(before: Before) -> Found:
    """Keep the best by validation rows, as many as the budget can train to the end."""
    plan, metric = before.plan, metric_of_choice(before.plan)
    spent = sum(run.record.epochs for run in before.tried)
    runs = {run.trial.label: run for run in before.tried}
    combinations = combinations_of(plan)
    ranked = _ranked({label: value_of(runs[label], metric) for label in combinations}, metric)
    left, whole = search_of(plan).budget - spent, plan.recipe.training.epochs
    kept = _kept(ranked, left // (FIRST_SEEDS * whole))
    racing = tuple(label for label in combinations if label in kept)
    rows = tuple(
        {"number": place, "label": label, "settings": dict(one.settings)}
        | _row(runs[label], metric, ranked, racing)
        for place, (label, one) in enumerate(combinations.items())
    )
    shares = importance(rows, metric)
    found = Found(
        "discard",
        _said(before, rows, spent) + importance_text(shares, search_of(plan).epochs),
        rows,
        {
            STANDING: Standing(spent, racing, {}).plain(),
            "metric": metric,
            "importance": shares,
        },
    )
    if not ranked:
        return replace(found, stopped=_hopeless(before))
    seeds = plan.block.search_seeds[:FIRST_SEEDS]
    asked = (Trial(label, combinations[label].recipe, seed) for label in racing for seed in seeds)
    return replace(found, asked=tuple(asked))


def _ranked(values: Mapping[str, float], metric: str) -> list[str]:
    """Labels from the best to the worst, equal ones as they were drawn; without the diverged."""
    whole = {label: value for label, value in values.items() if np.isfinite(value)}
    order = np.argsort(-oriented(np.array(list(whole.values())), metric), kind="stable")
    return [list(whole)[place] for place in order]


def _kept(ranked: list[str], most: int) -> list[str]:
    """The best and the start, of which `most` could be trained to the end; no more than half.

    The start is not discarded: a few epochs tell little of what had been thought of well, and no
    search should end at something worse.
    """
    half = max(FEWEST_RACING, int(FIRST_SHARE * most))
    kept = ranked[:half]
    if START in ranked and START not in kept:
        kept = [*(kept if half < most else kept[:-1]), START]
    return kept


def _row(run: Tried, metric: str, ranked: list[str], racing: tuple[str, ...]) -> dict[str, Any]:
    """What a row says of the run of a combination."""
    label, value = run.trial.label, value_of(run, metric)
    diverged, kept = label not in ranked, label in racing
    best = label in ranked[: len(racing)]
    why = "diverged" if diverged else "among the best" if kept else "worse than those that are kept"
    if kept and not best:
        why = "the start always races"
    return {
        "seed": run.trial.seed, "epochs": run.record.epochs, "ended": run.record.ended,
        "value": None if diverged else value,
        "place": None if diverged else ranked.index(label) + 1,
        "kept": kept, "why": why,
    }  # fmt: skip


def _said(before: Before, rows: tuple[dict[str, Any], ...], spent: int) -> str:
    search, metric = search_of(before.plan), metric_name(metric_of_choice(before.plan))
    kept = [row for row in rows if row["kept"]]
    diverged = sum(row["place"] is None for row in rows)
    text = f"Of {count(len(rows), 'combination')} {diverged:,} diverged within "
    text += f"{count(search.epochs, 'epoch')}. "
    if not kept:
        return text
    best = min(kept, key=lambda row: row["place"])
    start = rows[0]
    text += f"Kept by their {metric}: {count(len(kept), 'combination')}, no more than the "
    text += f"rest of the budget can train to the end with {FIRST_SEEDS} seeds and race; "
    text += f"{count(spent, 'epoch')} are spent. "
    text += f"First is {best['label']} with {number(best['value'])}"
    if start["place"] is None:
        return f"{text}; the start diverged. "
    if start is best:
        return f"{text}. "
    place = f"{start['place']:,} with {number(start['value'])}"
    return f"{text}; the start, which races in any case, is number {place}. "


def _hopeless(before: Before) -> str:
    search = search_of(before.plan)
    return (
        f"All combinations diverged within {count(search.epochs, 'epoch')}, so there is nothing to "
        "choose from. Let the search draw lower values of optimizer.rate, or set training.clip; "
        "and see whether the inputs have values of a sensible size."
    )
