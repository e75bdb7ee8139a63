"""The numbers from which a claim gets its verdict, by seed: pairs.csv.

With them the verdict can be found again, also for another margin or for fewer seeds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from labbook.evaluate.claims.sides import Side
from labbook.evaluate.statistics.intervals import restored, unscaled
from labbook.evaluate.statistics.location_tests import chosen_test
from labbook.evaluate.statistics.paired import difference
from labbook.evaluate.writing import write_table
from labbook.measures import metric_of
from labbook.verdicts import NOT_JUDGED

if TYPE_CHECKING:
    from labbook.evaluate.claims.outcome import Judgement
    from labbook.evaluate.study_runs import StudyRuns

COLUMNS = (
    "id", "pair", "first_side", "second_side", "seed", "first", "second", "gain", "failed", "test",
    "margin", "rows", "first_budget", "second_budget",
)  # fmt: skip
ABOVE, BELOW = "above", "below"  # in place of a second side: the claimed bound


@dataclass(frozen=True)
class BySeed:
    """One comparison of a claim by seed, arrays of shape (seeds,).

    `first` and `second` are in the metric's unit, NaN where there is none; `gains` say how much
    better the first is, on the scale of comparison: infinite where one side failed alone, NaN
    where a seed says nothing. `margin` is that of the claim, its bound or what it says `at_least`,
    as verdicts.csv shows margins. `test` is the name of the test if the gains do not choose it;
    `paired` is False of values of one side and a bound. `budgets` are those of both sides where
    they are compared by epochs to a goal. `pair` counts the neighbours of an order.
    """

    sides: tuple[str, str]
    first: np.ndarray
    second: np.ndarray
    gains: np.ndarray
    margin: float
    test: str = ""
    paired: bool = True
    budgets: tuple[float, float] | None = None
    pair: int = 1

    def test_of(self, seeds: int) -> str:
        """Which test judges the gains of the first so many seeds, if they are enough for one."""
        told = self.gains[:seeds]
        return self.test or chosen_test(told[~np.isnan(told)], self.paired)


def by_seed(sides: Sequence[Side], gains: np.ndarray, margin: float) -> BySeed:
    """What is compared of two sides, or of the gain of two over that of two others."""
    metric = sides[0].metric
    if len(sides) == 2:
        one, other = (restored(side.values, metric) for side in sides)
        return BySeed((sides[0].name, sides[1].name), one, other, gains, margin)
    pairs = [sides[:2], sides[2:]]
    one, other = (unscaled(difference(a.values, b.values), metric) for a, b in pairs)
    first, second = (f"{a.name} over {b.name}" for a, b in pairs)
    return BySeed((first, second), one, other, gains, margin)


def write_pairs(results: "StudyRuns", judged: Iterable["Judgement"], path: Path) -> None:
    """A row per claim, comparison and seed; nothing of claims that were not judged."""
    rows = []
    for judgement in judged:
        claim = judgement.claim
        if judgement.verdict == NOT_JUDGED:
            continue
        counted = bool(claim.sides) and metric_of(claim.metric).counts_rows
        measured = Side(results, claim.metric, claim.sides[0]).rows if counted else 0
        head = {"id": claim.id, "rows": measured // len(results.study.seeds) or None}
        for one in judgement.outcome.by_seed:
            rows += [head | row for row in _rows(one, results.study.seeds)]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _rows(one: BySeed, seeds: Sequence[int]) -> list[dict[str, Any]]:
    (first_side, second_side), budgets = one.sides, one.budgets or (None, None)
    head = {
        "pair": one.pair, "margin": one.margin,
        "first_side": first_side, "second_side": second_side,
        "first_budget": budgets[0], "second_budget": budgets[1],
    }  # fmt: skip
    failed = np.select([one.gains == -np.inf, one.gains == np.inf], ["first", "second"], "")
    columns = zip(seeds, one.first, one.second, one.gains, failed, strict=True)
    return [
        head | {
            "seed": seed, "first": first, "second": second, "gain": gain, "failed": str(lost),
            "test": one.test_of(number),
        }
        for number, (seed, first, second, gain, lost) in enumerate(columns, 1)
    ]  # fmt: skip
