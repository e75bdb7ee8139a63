"""The tables of a study: combinations, comparisons, other measures."""

from typing import Any

from labbook.report.page.answer import middle
from labbook.report.study_results import Row, StudyResults, interval, value
from labbook.wording import NOTHING, change, digits, metric_name, p_value, sentence


def combination_row(results: StudyResults, label: str) -> dict[str, Any]:
    """A combination's mean, interval, n, median, best and worst, and how its runs ended."""
    row = results.means.get(label, {})
    values = [value(row, key) for key in ("mean", "low", "high", "median", "best", "worst")]
    text = digits(values[0], values[1], values[2], values[3:])
    n = value(row, "n")
    return {
        "label": label,
        "chosen": label == results.chosen,
        "reference": label == results.reference,
        "mean": _middle(results.metric, row, text.mean),
        "single": _single(results, n),
        "interval": text.interval,
        "n": f"{n:.0f}" if n == n else "0",
        "others": text.others,
        "ended": [f"{times} {ended}" for ended, times in sorted(results.endings(label).items())],
        "diverged": results.diverged(label),
    }


def _middle(metric: str, row: Row, text: str) -> str:
    """The mean's text, which says so where it is a median."""
    return f"{text} (median)" if middle(metric, row) == "median" and text != NOTHING else text


def _single(results: StudyResults, n: float) -> str:
    """What is said in place of the interval of one value."""
    if n != 1:
        return ""
    return "single seed" if results.about.get("single_seed") else "single run"


def comparison_row(row: Row) -> dict[str, str]:
    """How a combination differs from the reference: by how much, or by what factor."""
    text = change(row["scale"], *(value(row, key) for key in ("effect", "low", "high")))
    return {
        "label": row["combination"],
        "effect": text.mean,
        "interval": text.interval,
        "n": row["n"],
        "p": p_value(value(row, "p_holm")).removeprefix("= "),
        "direction": row.get("direction") or NOTHING,
    }


def other_measures(results: StudyResults) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Other metrics than the study's, of training and validation rows, with their intervals."""
    cells: dict[str, dict[str, str]] = {}
    names: dict[str, None] = {}
    for row in results.combinations:
        metric = row["metric"]
        if metric != results.metric and not metric.startswith("test_"):
            names[metric] = None
            text = digits(*interval(row))
            mean = _middle(metric, row, text.mean)
            short = mean if text.interval == NOTHING else f"{mean} ({text.interval})"
            cells.setdefault(row["combination"], {})[metric] = short
    rows = [
        (label, [cells.get(label, {}).get(name, NOTHING) for name in names])
        for label in results.labels
    ]
    return [sentence(metric_name(name)) for name in names], rows if names else []
