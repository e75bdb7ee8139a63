"""How a study's combinations stand to its reference, in sentences."""

import math
from collections.abc import Sequence

from labbook.report.study_results import Row, StudyResults, value
from labbook.verdicts import ALPHA, FEWEST_SEEDS
from labbook.wording import NOTHING, change, count, listing, metric_name, p_value, plain

DIRECTIONS = ("better", "worse")
MOST_NAMES = 6  # of combinations in one sentence; the tables have all


def name_some(names: Sequence[str]) -> str:
    """The names; of very many how many they are, and the first."""
    if len(names) <= MOST_NAMES:
        return listing(names)
    return f"{len(names)} combinations ({'; '.join([*names[:MOST_NAMES], '…'])})"


def sentences_on_reference(results: StudyResults) -> list[str]:
    """Of the chosen combination, then of the others; empty where there is nothing to compare."""
    if len(results.labels) == 1:
        return []
    return [_best_against_reference(results), _others_against_reference(results)]


def _best_against_reference(results: StudyResults) -> str:
    if results.chosen == results.reference:
        return f"{plain(results.chosen)} is the reference combination."
    rows = results.table("comparisons")
    row = next((one for one in rows if one["combination"] == results.chosen), None)
    if row is None or not value(row, "n") > 0:
        return ""
    effect, low, high = (value(row, key) for key in ("effect", "low", "high"))
    if not math.isfinite(effect):
        return _without_size(results, row)
    text = change(row["scale"], effect, low, high)
    interval = "no interval" if text.interval == NOTHING else text.interval
    metric, (own, reference) = metric_name(results.metric), _pair(results)
    return (
        f"Paired by seed, {own} differs from the reference {reference} by {text.mean} in {metric} "
        f"({interval}; {_p(row)}){_failures(row)}{_chance(row, low, high)}."
    )


def _p(row: Row) -> str:
    p = value(row, "p_holm")
    if math.isfinite(p):
        return f"corrected p {p_value(p)}"
    if value(row, "n") >= FEWEST_SEEDS:
        return "no test: the target does not vary"
    return f"fewer than {FEWEST_SEEDS} seeds, no test"


def _chance(row: Row, low: float, high: float) -> str:
    if value(row, "p_holm") < ALPHA:
        return ""
    neutral = 1 if row["scale"] == "ratio" else 0
    if low > neutral or high < neutral:
        return "; that may still be chance once corrected for the comparisons made"
    return "; that may be chance"


def _failures(row: Row) -> str:
    """How many pairs were decided by a run that failed."""
    lost = {
        plain(row["combination"]): value(row, "failed"),
        plain(row["reference"]): value(row, "failed_reference"),
    }
    said = [f"{name} failed alone in {count(int(n), 'seed')}" for name, n in lost.items() if n > 0]
    return f", counting failed runs as worse than any number ({listing(said)})" if said else ""


def _without_size(results: StudyResults, row: Row) -> str:
    """Where too many runs failed for an effect to have a size."""
    direction = row.get("direction")
    how = (
        f"is clearly {direction} than"
        if direction in DIRECTIONS
        else "does not clearly differ from"
    )
    metric, (own, reference) = metric_name(results.metric), _pair(results)
    return (
        f"Paired by seed, {own} {how} the reference {reference} by {metric} ({_p(row)})"
        f"{_failures(row)}."
    )


def _pair(results: StudyResults) -> tuple[str, str]:
    return plain(results.chosen), plain(results.reference)


def _others_against_reference(results: StudyResults) -> str:
    """How the other combinations stand to the reference, by the study's metric."""
    rows = [row for row in results.table("comparisons") if row["combination"] != results.chosen]
    said = []
    for direction in DIRECTIONS:
        names = [plain(row["combination"]) for row in rows if row.get("direction") == direction]
        if names:
            verb = "is" if len(names) == 1 else "are"
            said.append(f"{name_some(names)} {verb} clearly {direction}")
    if unclear := sum(row.get("direction") == "unclear" for row in rows):
        verb = "does" if unclear == 1 else "do"
        said.append(f"{count(unclear, 'other')} {verb} not clearly differ")
    metric = metric_name(results.metric)
    return f"Against the reference, by {metric}, {'; '.join(said)}." if said else ""
