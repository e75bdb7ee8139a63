"""The numbers with which a reader can move a claim's margin or seeds: for scripts/rules.js.

All are exact: a verdict can hang on two numbers being equal.
"""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from labbook.evaluate.statistics.intervals import constant
from labbook.evaluate.statistics.location_tests import NO_TEST, RANKS, SIGN, T_AND_SIGN, T
from labbook.measures import is_ratio
from labbook.report.result_tables import Row, value
from labbook.report.study_results import StudyResults

Numbers = dict[str, Any]  # ready for JSON: null for what is no number, infinities as texts
# What a reader moves: an effect that matters little, what is claimed at least, a claimed bound.
MARGIN, LEAST, BOUND = "margin", "least", "bound"
OF_ONE_SIDE = ("share", "level")
# The tests by a letter each: which one judges the first so many seeds, and at last which more.
LETTERS = {NO_TEST: "-", T: "t", T_AND_SIGN: "b", SIGN: "s", RANKS: "r", "binomial": "c"}
WHY_NOT = {
    "exact": "It is counted, and nothing is left to chance.",
    "matters": "Shares of the variance are estimated from all runs together, not seed by seed.",
    "tuned": "Its settings were drawn, and their chance counts beside that of the seeds.",
    "level": "What is moved would be the claimed bound, and here there are two, or none that "
    "tells of runs beyond their budget.",
}
IN_ROUNDS = (
    "It was judged in looks, after 8, then 16 seeds and so on; another margin or fewer seeds would "
    "have ended them elsewhere, so nothing can be moved here."
)
WHOLE = 1e15  # up to here a whole number needs no decimals
FURTHER, FEWEST, MOST = 3, 24, 200  # seeds that a reader can ask for: so many times those there are


def explorable(results: StudyResults) -> list[Numbers]:
    """What rules.js needs of each claim of a study, in its order; or `whyNot`, in words."""
    pairs = {id_: list(rows) for id_, rows in groupby(results.pairs, lambda row: row["id"])}
    families = [[value(row, name) for row in results.verdicts] for name in ("p_effect", "p_alike")]
    return [
        _claim(row, pairs.get(row["id"], []), [[*p[:place], *p[place + 1 :]] for p in families])
        for place, row in enumerate(results.verdicts)
    ]


def _claim(row: Row, rows: Sequence[Row], others: Sequence[Sequence[float]]) -> Numbers:
    comparisons = [
        [list(part) for _, part in groupby(pair, lambda r: (r["first_side"], r["second_side"]))]
        for _, pair in groupby(rows, lambda r: r["pair"])
    ]
    form = row["form"]
    if not rows or (form in OF_ONE_SIDE and len(comparisons[0]) > 1):
        return {"id": row["id"], "whyNot": _why_not(row)}
    first = comparisons[0][0]
    seeds = len(first)
    return {
        "id": row["id"],
        "form": form,
        "verdict": row["verdict"],
        "moves": _moves(row),
        "margin": value(first[0], "margin"),
        # Of one side: 1 where it is claimed to be above its bound, -1 below.
        "sign": -1 if first[0]["second_side"] == "below" else 1,
        "ratio": form != "share" and is_ratio(row["metric"]),
        "effect": [_number(value(row, name)) for name in ("effect", "low", "high")],
        "seeds": seeds,
        "most": max(seeds, min(MOST, max(FEWEST, FURTHER * seeds))),
        "rows": _number(value(first[0], "rows")) or 0,
        "others": [[p for p in family if math.isfinite(p)] for family in others],
        "pairs": [[_comparison(part, form) for part in parts] for parts in comparisons],
    }


def _why_not(row: Row) -> str:
    """The reason of the verdict says why there was no test; else it lies in looks or the form."""
    if row["test"] == "none" or not row["p_holm"]:
        return row["why"]
    if row.get("look"):
        return IN_ROUNDS
    return WHY_NOT.get(row["form"], row["why"])


def _moves(row: Row) -> str:
    if row["form"] in OF_ONE_SIDE:
        return BOUND
    return LEAST if row["form"] != "order" and not row["margin"] else MARGIN


def _comparison(rows: Sequence[Row], form: str) -> Numbers:
    told: Numbers = {
        "sides": [rows[0]["first_side"], rows[0]["second_side"]],
        "tests": "".join(LETTERS[row["test"]] for row in rows),
        "gains": [],
    }
    if rows[0]["first_budget"]:
        return told | {
            "needed": [[_number(value(row, end)) for row in rows] for end in ("first", "second")],
            "budgets": [value(rows[0], "first_budget"), value(rows[0], "second_budget")],
        }
    gains = [_gain(row) for row in rows]
    told["tests"] += _further(told["tests"][-1], gains, paired=form not in OF_ONE_SIDE)
    if form in OF_ONE_SIDE:
        gains = [_beside_bound(row, gain) for row, gain in zip(rows, gains, strict=True)]
    return told | {"gains": [_number(gain) for gain in gains]}


def _further(test: str, gains: Sequence[float], paired: bool) -> str:
    """The letter of the test of more seeds than there are; those may be too few to choose one."""
    told = [gain for gain in gains if not math.isnan(gain)]
    if test != LETTERS[NO_TEST] or not told:
        return test
    if not all(map(math.isfinite, told)):
        return LETTERS[RANKS if paired else SIGN]
    return LETTERS[SIGN if constant(np.array(told)) else T]


def _gain(row: Row) -> float:
    return {"first": -math.inf, "second": math.inf}.get(row["failed"], value(row, "gain"))


def _beside_bound(row: Row, gain: float) -> float:
    """The value of one side; where it failed the wrong end, and nothing where it is not counted."""
    if math.isfinite(gain):
        return value(row, "first")
    return -gain if row["second_side"] == "below" else gain


def _number(number: float) -> float | str | None:
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return int(number) if number == int(number) and abs(number) < WHOLE else number
