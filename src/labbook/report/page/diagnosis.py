"""What a study's curves say, and what its metric depends on."""

import math
from typing import Any

from labbook.report.result_tables import Row, value
from labbook.report.study_results import StudyResults
from labbook.wording import listing, metric_name, plain, sentence

# What one sees, by diagnosis; the advice comes with the table.
SEEN = {
    "diverging": "the loss grew, or runs ended without a finite loss",
    "not learning": "a loss hardly fell below that of a constant prediction",
    "overfitting": "validation loss turned up or never fell, away from training loss that did not "
    "rise with it",
    "underfitting": "both losses are high: still far up, or at twice what another setting reached",
    "unfinished": "validation loss was still falling when the budget ended",
    "unsteady": "validation loss rose again from its lowest, but with training loss or below it",
    "good": "both losses fell until they levelled off or a rule ended the training",
    "unknown": "there are no curves",
}
# What is said of a share that is no setting's.
REST = {"together": "by settings acting together", "chance": "is left to chance"}


def diagnosis_rows(results: StudyResults) -> list[dict[str, Any]]:
    """Each kind of diagnosis with its combinations, the most common first."""
    by_name: dict[str, list[Row]] = {}
    for row in results.table("diagnosis"):
        by_name.setdefault(row["diagnosis"], []).append(row)
    return [
        {
            "name": sentence(name),
            "seen": SEEN.get(name, ""),
            "advice": rows[0]["advice"],
            "labels": [plain(row["combination"]) for row in rows],
        }
        for name, rows in sorted(by_name.items(), key=lambda group: -len(group[1]))
    ]


def importance_sentences(results: StudyResults) -> list[str]:
    """What the study's metric depends on most, and what that rests on."""
    rows = results.table("importance")
    settings = sorted(
        (row for row in rows if row["kind"] == "setting"),
        key=lambda row: -value(row, "share") if math.isfinite(value(row, "share")) else 0.0,
    )
    if not settings:
        return []
    metric = metric_name(results.metric)
    text = f"No setting's share of the spread in {metric} can be told from chance"
    if clear := [row for row in settings if value(row, "low") > 0]:
        shares = [f"{_percent(row)} is explained by {plain(row['setting'])}" for row in clear]
        text = f"Of the spread in {metric}, {listing(shares)}"
    rest = [f"{_percent(row)} {REST[row['kind']]}" for row in rows if row["kind"] in REST]
    return [f"{text}; {', '.join(rest)}."]


def _percent(row: Row) -> str:
    share, low, high = (100 * value(row, key) for key in ("share", "low", "high"))
    interval = f" ({low:.0f} to {high:.0f})" if math.isfinite(low) and math.isfinite(high) else ""
    return f"{share:.0f} %{interval}"
