"""The tables of a study: combinations, comparisons, other measures."""

from typing import Any

from labbook.report.page.answer import middle
from labbook.report.page.claims import of_ten
from labbook.report.study_results import Row, StudyResults, interval, value
from labbook.wording import NOTHING, change, digits, metric_name, p_value, sentence


def combination_row(results: StudyResults, label: str) -> dict[str, Any]:
    """A combination's mean, interval, n, median, best and worst, and how its runs ended."""
    row = results.means.get(label, {})
    text = digits(*interval(row), [value(row, key) for key in ("median", "best", "worst")])
    n = value(row, "n")
    single = "single seed" if results.about.get("single_seed") else "single run"
    return {
        "label": label,
        "chosen": label == results.chosen,
        "reference": label == results.reference,
        "mean": _middle(results.metric, row, text.mean),
        "single": single if n == 1 else "",  # said in place of the interval of one value
        "interval": text.interval,
        "n": f"{n:.0f}" if n == n else "0",
        "others": text.others,
        "ended": [f"{times} {ended}" for ended, times in sorted(results.endings(label).items())],
    }


def _middle(metric: str, row: Row, text: str) -> str:
    """The mean's text, which says so where it is a median."""
    return f"{text} (median)" if middle(metric, row) == "median" and text != NOTHING else text


def comparison_row(results: StudyResults, row: Row) -> dict[str, Any]:
    """How a combination differs from the reference: by how much, or by what factor."""
    text = change(row["scale"], value(row, "effect"), value(row, "low"), value(row, "high"))
    label, labels = row["combination"], results.labels
    return {
        "label": label,
        "place": labels.index(label) if label in labels else None,
        "effect": text.mean,
        "interval": text.interval,
        "n": row["n"],
        "p": p_value(value(row, "p_holm")).removeprefix("= "),
        "direction": row.get("direction") or NOTHING,
        "often": of_ten(row) or NOTHING,
    }


def other_measures(results: StudyResults) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Names and, by combination, means with intervals of other metrics than the study's.

    Of training and validation rows; test rows are looked at for what was chosen alone.
    """
    cells: dict[str, dict[str, str]] = {}  # by metric and combination
    for row in results.combinations:
        metric = row["metric"]
        if metric != results.metric and not metric.startswith("test_"):
            text = digits(*interval(row))
            mean = _middle(metric, row, text.mean)
            cell = mean if text.interval == NOTHING else f"{mean} ({text.interval})"
            cells.setdefault(metric, {})[row["combination"]] = cell
    rows = [
        (label, [column.get(label, NOTHING) for column in cells.values()])
        for label in results.labels
    ]
    return [sentence(metric_name(name)) for name in cells], rows if cells else []
