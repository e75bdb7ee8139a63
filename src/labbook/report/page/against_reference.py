"""How a study's combinations stand to its reference, in sentences."""

import math
from collections.abc import Sequence

from labbook.report.result_tables import Row, value
from labbook.report.study_results import StudyResults
from labbook.verdicts import ALPHA, FEWEST_SEEDS
from labbook.wording import NOTHING, change, count, listing, metric_name, p_value, plain

DIRECTIONS = ("better", "worse")
MOST_NAMES = 6  # of combinations in one sentence; the tables have all


def name_some(names: Sequence[str]) -> str:
    """The names; of very many only how many they are: the table of combinations has them."""
    return listing(names) if len(names) <= MOST_NAMES else f"{len(names)} combinations"


def sentences_on_reference(results: StudyResults) -> list[str]:
    """Of the chosen combination, then of the others; empty where there is nothing to compare."""
    if len(results.labels) == 1:
        return []
    metric, others = metric_name(results.metric), []
    best = ""
    if results.chosen == results.reference:
        best = f"{plain(results.chosen)} is the reference combination."
    for row in results.table("comparisons"):
        if row["combination"] != results.chosen:
            others.append(row)
        elif value(row, "n") > 0:
            best = _best_against_reference(row, metric)
    return [best, _others_against_reference(others, metric)]


def _best_against_reference(row: Row, metric: str) -> str:
    """By how much the chosen combination differs; where too many runs failed, whether it does."""
    own, reference = plain(row["combination"]), plain(row["reference"])
    effect, low, high = (value(row, key) for key in ("effect", "low", "high"))
    p, tested = value(row, "p_holm"), f"fewer than {FEWEST_SEEDS} seeds, no test"
    if math.isfinite(p):
        tested = f"corrected p {p_value(p)}"
    elif value(row, "n") >= FEWEST_SEEDS:
        tested = "no test: the target does not vary"
    # Pairs that were decided by a run that failed.
    failures = {own: value(row, "failed"), reference: value(row, "failed_reference")}
    names = [
        f"{name} failed alone in {count(int(n), 'seed')}" for name, n in failures.items() if n > 0
    ]
    counting = "counting failed runs as worse than any number"
    failed = f", {counting} ({listing(names)})" if names else ""
    if not math.isfinite(effect):
        direction = row.get("direction")
        clear = direction in DIRECTIONS
        differs = f"is clearly {direction} than" if clear else "does not clearly differ from"
        return (
            f"Paired by seed, {own} {differs} the reference {reference} by {metric} "
            f"({tested}){failed}."
        )
    text = change(row["scale"], effect, low, high)
    interval = "no interval" if text.interval == NOTHING else text.interval
    neutral = 1 if row["scale"] == "ratio" else 0
    chance = "; that may be chance"
    if p < ALPHA:
        chance = ""
    elif low > neutral or high < neutral:
        chance = "; that may still be chance once corrected for the comparisons made"
    return (
        f"Paired by seed, {own} differs from the reference {reference} by {text.mean} in {metric} "
        f"({interval}; {tested}){failed}{chance}."
    )


def _others_against_reference(rows: Sequence[Row], metric: str) -> str:
    """How the other combinations stand to the reference, by the study's metric."""
    parts = []
    for direction in DIRECTIONS:
        names = [plain(row["combination"]) for row in rows if row.get("direction") == direction]
        if names:
            verb = "is" if len(names) == 1 else "are"
            parts.append(f"{name_some(names)} {verb} clearly {direction}")
    if unclear := sum(row.get("direction") == "unclear" for row in rows):
        verb = "does" if unclear == 1 else "do"
        parts.append(f"{count(unclear, 'other')} {verb} not clearly differ")
    return f"Against the reference, by {metric}, {'; '.join(parts)}." if parts else ""
