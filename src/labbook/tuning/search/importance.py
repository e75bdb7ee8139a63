"""Which of the searched settings matter: how much of the spread after a few epochs each explains.

As of a study's drawn combinations (evaluate/importance.py), from a forest and Sobol indices; but
each was trained with one seed, so the intervals are those of which combinations were drawn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labbook.evaluate.importance import REST, SETTING, TOGETHER
from labbook.evaluate.statistics.intervals import oriented
from labbook.evaluate.statistics.variance import GROUPS, Estimate, forest_shares
from labbook.evaluate.study_runs import setting_text
from labbook.verdicts import FEWEST_COMBINATIONS
from labbook.wording import count, listing, percent

Shares = list[dict[str, Any]]


def importance(rows: Sequence[Mapping[str, Any]], metric: str) -> Shares:
    """A row per setting that varies, then `together`, then `chance`: see docs/evidence.md.

    Each has `setting`, `kind`, `share`, `low` and `high` from 0 to 1. `rows` have `settings` and
    `value`, None for a run that diverged: it counts as the worst that did not. Empty for fewer
    than two settings that vary or fewer than ten combinations.
    """
    values = np.array([np.nan if row["value"] is None else row["value"] for row in rows])
    names = [name for name in _names(rows) if len(set(_texts(rows, name))) > 1]
    finite = np.isfinite(values)
    if len(names) < 2 or finite.sum() < FEWEST_COMBINATIONS:
        return []
    gains = oriented(values, metric)
    gains = np.where(finite, gains, gains[finite].min())[:, None]  # (combinations, one seed)
    levels = np.array([_levels(_texts(rows, name)) for name in names]).T
    kept = [np.arange(len(rows)) % GROUPS != group for group in range(GROUPS)]
    without = np.array([forest_shares(levels[some], gains[some]) for some in kept])
    shares = Estimate(forest_shares(levels, gains), (without,))
    table = zip(
        [*names, TOGETHER, REST],
        [SETTING] * len(names) + [TOGETHER, REST],
        np.clip(shares.shares, 0, 1).tolist(),
        np.clip(shares.shares - shares.half_widths, 0, 1).tolist(),
        np.clip(shares.shares + shares.half_widths, 0, 1).tolist(),
        strict=True,
    )
    return [
        dict(zip(("setting", "kind", "share", "low", "high"), row, strict=True)) for row in table
    ]


def importance_text(shares: Shares, epochs: int) -> str:
    """The shares of the settings in a sentence, the largest first; empty where there are none."""
    settings = sorted((s for s in shares if s["kind"] == SETTING), key=lambda s: -s["share"])
    if not settings:
        return ""
    told = listing(f"{one['setting']} {percent(one['share'])}" for one in settings)
    return f"Of the spread after {count(epochs, 'epoch')} the settings explain: {told}."


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings that any row has, as they appear."""
    return list(dict.fromkeys(name for row in rows for name in row["settings"]))


def _texts(rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """The setting's values as texts; empty where a combination does not have it."""
    return [setting_text(row["settings"].get(name)) for row in rows]


def _levels(texts: Sequence[str]) -> list[int]:
    """Numbers in place of values: ranks of numbers, else in order of appearance."""
    try:
        order = sorted(set(texts), key=lambda text: float(text or "-inf"))
    except ValueError:
        order = list(dict.fromkeys(texts))
    return [order.index(text) for text in texts]
