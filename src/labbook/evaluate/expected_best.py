"""What tuning by so many tries gives: the curve of the expected best (Dodge et al. 2019).

Of each side of a claim about methods, and of all combinations of a study that drew them. Theirs is
the highest validation value of tries with replacement; here validation only chooses, test rows
judge, and no combination is tried twice.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from labbook.evaluate.claims.tuned_side import TunedSide, side_name, tuned_sides
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.params.sampling import Sample
from labbook.params.tries import DRAWS_PER_TRY, WHOLE
from labbook.verdicts import FEWEST_COMBINATIONS

COLUMNS = ("side", "metric", "choice", "tries", "mean", "low", "high", "n", "of", "claimed")
ONE_BY_ONE = 10  # numbers of tries up to this are all told; then each is a quarter more


def write_expected_best(results: StudyRuns, path: Path) -> None:
    """expected_best.csv: a row per side and number of tries; `claimed` marks those of a claim."""
    rows = [row for name, side in _sides(results) for row in _rows(results, name, side)]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _sides(results: StudyRuns) -> Iterator[tuple[str, TunedSide]]:
    """The methods that claims compare, each once, and the study as a whole where it drew."""
    told: set[tuple[str, tuple[str, ...]]] = set()
    for claim in results.study.claims:
        if claim.form != "tuned":
            continue
        selectors = (claim.block.better, claim.block.than)
        for selector, side in zip(selectors, tuned_sides(results, claim), strict=True):
            if selector is not None and (side.metric, side.labels) not in told:
                told.add((side.metric, side.labels))
                yield side_name(selector), side
    whole = TunedSide(results, results.choice.replace("valid_", "test_", 1), results.labels)
    if _is_drawn(results) and len(results.labels) >= FEWEST_COMBINATIONS:
        yield WHOLE, whole


def _is_drawn(results: StudyRuns) -> bool:
    return isinstance(results.study.block.vary, Sample) and len(results.study.seeds) > 1


def _rows(results: StudyRuns, name: str, side: TunedSide) -> Iterator[dict[str, object]]:
    combinations = len(side.labels)
    claimed = {
        claim.block.tuned
        for claim in results.study.claims
        if claim.block.tuned is not None
        and claim.metric == side.metric
        and side.labels in claim.sides
    }
    tries = numbers_of_tries(combinations // DRAWS_PER_TRY if side.drawn else combinations, claimed)
    told = int((~side.untold).sum())  # seeds in which there is such a number
    for number, interval in zip(tries, side.intervals(np.array(tries)), strict=True):
        if not told or interval.n < told:  # where all of so many can fail there is no mean
            continue
        yield {
            "side": name, "metric": side.metric, "choice": side.choice, "tries": number,
            "mean": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n,
            "of": combinations, "claimed": "yes" if number in claimed else "",
        }  # fmt: skip


def numbers_of_tries(most: int, claimed: set[int]) -> list[int]:
    """From 1 to `most`, thinned out: all up to ten, then each a quarter more; and the claimed."""
    found = [1]
    while found[-1] < most:
        step = 1 if found[-1] < ONE_BY_ONE else found[-1] // 4
        found.append(min(found[-1] + step, most))
    return sorted({*found, *(number for number in claimed if number <= most)})
