"""Is a network worth it? Rivals and measures beside it, as the page shows them."""

from collections.abc import Mapping
from typing import Any

from labbook.report.page.answer import middle
from labbook.report.page.claims import of_ten
from labbook.report.result_tables import Row, interval, value
from labbook.report.study_results import StudyResults
from labbook.wording import (
    NOTHING,
    PART_WORDS,
    change,
    digits,
    metric_name,
    number,
    p_value,
    plain,
    sentence,
)

MOST_CLASSES = 30  # rows of the table of classes; classes.csv has all
AT_THRESHOLD = "test_at_threshold"
SHOWN = "test"  # the part whose measures the page shows; measures.csv has validation rows, too


def worth_view(results: StudyResults) -> dict[str, Any]:
    """What the template calls rivals, worth, measured, undefined and classes."""
    rivals = results.table("rivals")
    metric = rivals[0]["metric"] if rivals else results.metric
    return {
        "rivals": [_rival(row) for row in rivals],
        # The first two begin the answer.
        "worth": [
            plain(text)
            for text in [*(results.about.get("worth") or ())[2:], *_at_threshold(results)]
        ],
        "judged_by": sentence(metric_name(metric)),
        "rival_middle": middle(metric),
        "measured": _measured(results),
        "undefined": _undefined(results),
        "classes": _classes(results),
    }


def _rival(row: Row) -> dict[str, Any]:
    own = digits(value(row, "mean"), value(row, "mean_low"), value(row, "mean_high"))
    text = change(row["scale"], value(row, "effect"), value(row, "low"), value(row, "high"))
    kind = row.get("kind") or ""
    verdict = row["verdict"] if kind in ("", "as claimed") else f"{row['verdict']}: {kind}"
    return {
        "name": row["rival"],
        "best": row["best"],
        "mean": own.mean,
        "mean_value": row["mean"],
        "spread": own.interval,
        "effect": text.mean,
        "effect_value": row["effect"],
        "by_ratio": row["scale"] == "ratio",
        "interval": text.interval,
        "p": p_value(value(row, "p_holm")).removeprefix("= "),
        "p_value": row["p_holm"],
        "verdict": verdict,
        "often": of_ten(row) or NOTHING,
    }


def _at_threshold(results: StudyResults) -> list[str]:
    """What thresholds chosen on validation rows give on test rows; nothing without them."""
    found = {
        (row["who"], row["part"], row["metric"]): _figure(row)
        for row in results.table("measures")
        if row["part"] in (SHOWN, AT_THRESHOLD)
    }
    who, measure = results.chosen or "", "balanced_accuracy"
    if (who, AT_THRESHOLD, "threshold") not in found:
        return []
    second = results.about["data"]["classes"][1]
    usual = found.get((who, SHOWN, measure), NOTHING)
    text = (
        f"Where a row is {second} from P({second}) = {found[who, AT_THRESHOLD, 'threshold']} on, "
        f"as each run chose on its validation rows, test balanced accuracy of {who} is "
        f"{found[who, AT_THRESHOLD, measure]} in place of {usual}"
    )
    rivals = [
        f"; that of {row['rival']}, with thresholds of its own, {found[place]}"
        for row in results.table("rivals")
        if row["best"] and (place := (row["rival"], AT_THRESHOLD, measure)) in found
    ]
    return [f"{text}{''.join(rivals)}."]


def _measured(results: StudyResults) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """For the part that is shown its words, the measures' names, and by model their figures."""
    names: dict[str, None] = {}
    cells: dict[str, dict[str, str]] = {}
    for row in results.table("measures"):
        if row["part"] == SHOWN:
            names[row["metric"]] = None
            cells.setdefault(row["who"], {})[row["metric"]] = _figure(row)
    if not cells:
        return []
    heads = [_head(name) for name in names]
    rows = [(who, [found.get(name, NOTHING) for name in names]) for who, found in cells.items()]
    return [(PART_WORDS[SHOWN], heads, rows)]


def _figure(row: Mapping[str, str]) -> str:
    return digits(*interval(row)).whole


def _head(name: str) -> str:
    """A measure's name without the part, which the table's caption says."""
    return sentence(metric_name(f"{SHOWN}_{name}").removeprefix(f"{PART_WORDS[SHOWN]} "))


def _undefined(results: StudyResults) -> list[str]:
    """Which measures are not defined in how many seeds, said once for all models."""
    notes = {
        f"{_head(row['metric'])}: {row['note']}": None
        for row in results.table("measures")
        if row["part"] == SHOWN and row["note"].startswith("not defined")
    }
    return [f"{note}." for note in notes]


def _classes(results: StudyResults) -> list[dict[str, str]]:
    shown = [row for row in results.table("classes") if row["part"] == SHOWN]
    rows = []
    for row in shown[:MOST_CLASSES]:
        figures = {
            name: _figure(
                {"mean": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
            )
            for name in ("precision", "recall")
        }
        rows.append({"name": row["class"], "rows": number(value(row, "rows")), **figures})
    return rows
