"""The numbers with which a reader can move a claim's margin or seeds: for scripts/rules.js.

All are exact: a verdict can hang on two numbers being equal.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from labbook.measures import is_ratio
from labbook.report.study_results import Row, StudyResults, value

Numbers = dict[str, Any]  # ready for JSON: null for what is no number, infinities as texts
# What a reader moves: an effect that matters little, what is claimed at least, a claimed bound.
MARGIN, LEAST, BOUND = "margin", "least", "bound"
OF_ONE_SIDE = ("share", "level")
# The tests by a letter each, one per seed: which one judges the first so many.
LETTERS = {
    "none": "-", "t": "t", "t and sign": "b", "sign": "s", "signed-rank": "r", "binomial": "c",
}  # fmt: skip
WHY_NOT = {
    "exact": "It is counted, and nothing is left to chance.",
    "matters": "Shares of the variance are estimated from all runs together, not seed by seed.",
    "tuned": "Its settings were drawn, and their chance counts beside that of the seeds.",
    "level": "What is moved would be the claimed bound, and here there are two, or none that "
    "tells of runs beyond their budget.",
}
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
    """The reason of the verdict says why there was no test; else it lies in the form."""
    return (
        row["why"]
        if row["test"] == "none" or not row["p_holm"]
        else WHY_NOT.get(row["form"], row["why"])
    )


def _moves(row: Row) -> str:
    if row["form"] in OF_ONE_SIDE:
        return BOUND
    return LEAST if row["form"] != "order" and not row["margin"] else MARGIN


def _comparison(rows: Sequence[Row], form: str) -> Numbers:
    told: Numbers = {
        "sides": [rows[0]["first_side"], rows[0]["second_side"]],
        "tests": "".join(LETTERS[row["test"]] for row in rows),
    }
    if rows[0]["first_budget"]:
        return told | {
            "needed": [_column(rows, _first), _column(rows, _second)],
            "budgets": [value(rows[0], "first_budget"), value(rows[0], "second_budget")],
        }
    told["gains"] = _column(rows, _gain)
    return told | ({"values": _column(rows, _first)} if form in OF_ONE_SIDE else {})


def _first(row: Row) -> float:
    return value(row, "first")


def _second(row: Row) -> float:
    return value(row, "second")


def _gain(row: Row) -> float:
    return {"first": -math.inf, "second": math.inf}.get(row["failed"], value(row, "gain"))


def _column(rows: Iterable[Row], of: Callable[[Row], float]) -> list[Any]:
    return [_number(of(row)) for row in rows]


def _number(number: float) -> float | str | None:
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return int(number) if number == int(number) and abs(number) < WHOLE else number
