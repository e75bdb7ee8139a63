"""What a study's curves say, what its metric depends on, and what to try next."""

import math
from dataclasses import dataclass

from labbook.report.study_results import Row, StudyResults, value
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


@dataclass(frozen=True)
class DiagnosisView:
    """One kind of diagnosis and the combinations that have it."""

    name: str
    seen: str
    advice: str
    labels: str


@dataclass(frozen=True)
class SuggestionView:
    """What to try next: why, and lines for params.yaml."""

    reason: str
    yaml: str


def diagnosis_views(results: StudyResults) -> list[DiagnosisView]:
    """Each kind of diagnosis once, the most common first."""
    groups: dict[str, list[Row]] = {}
    for row in results.table("diagnosis"):
        groups.setdefault(row["diagnosis"], []).append(row)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))  # equal: as first met
    return [_view(name, rows) for name, rows in ordered]


def importance_sentences(results: StudyResults) -> list[str]:
    """What the study's metric depends on most, and what that rests on."""
    rows = results.table("importance")
    settings = sorted((r for r in rows if r["kind"] == "setting"), key=lambda r: -_share(r))
    if not settings:
        return []
    rest = [f"{_percent(row)} {REST[row['kind']]}" for row in rows if row["kind"] in REST]
    clear = [row for row in settings if value(row, "low") > 0]
    name = metric_name(results.metric)
    text = f"No setting's share of the spread in {name} can be told from chance"
    if clear:
        shares = [f"{_percent(row)} is explained by {plain(row['setting'])}" for row in clear]
        text = f"Of the spread in {name}, {listing(shares)}"
    return [f"{text}; {', '.join(rest)}."]


def suggestion_views(results: StudyResults) -> list[SuggestionView]:
    """The suggestions of study.json."""
    suggestions = results.about.get("suggestions") or []
    return [SuggestionView(str(entry["reason"]), str(entry["yaml"])) for entry in suggestions]


def _view(name: str, rows: list[Row]) -> DiagnosisView:
    labels = "; ".join(plain(row["combination"]) for row in rows)
    return DiagnosisView(sentence(name), SEEN.get(name, ""), rows[0]["advice"], labels)


def _share(row: Row) -> float:
    share = value(row, "share")
    return share if math.isfinite(share) else 0.0


def _percent(row: Row) -> str:
    share, low, high = (100 * value(row, key) for key in ("share", "low", "high"))
    interval = f" ({low:.0f} to {high:.0f})" if math.isfinite(low) and math.isfinite(high) else ""
    return f"{share:.0f} %{interval}"
