"""The table of a study's combinations: settings, figures, how they stand to the reference."""

from collections.abc import Mapping
from typing import Any

from labbook.report.page.answer import middle
from labbook.report.page.claims import of_ten
from labbook.report.result_tables import Row, interval, value
from labbook.report.study_results import StudyResults
from labbook.wording import NOTHING, change, digits, metric_name, p_value, sentence


def combinations_view(results: StudyResults) -> dict[str, Any]:
    """What combinations.html.j2 needs: names of columns, and a row per combination.

    Where several settings vary each has a column of its own, and a combination a number.
    """
    varied = [name for name in results.about.get("varies") or () if _is_column(results, name)]
    against = {row["combination"]: row for row in results.table("comparisons")}
    rows = [
        combination_row(results, label)
        | {"settings": [results.means.get(label, {}).get(name, NOTHING) for name in varied]}
        | {"against": comparison_row(against[label]) if label in against else None}
        for label in results.labels
    ]
    return {
        "combinations": rows,
        "settings": varied if len(varied) > 1 else [],
        "compared_with": results.reference if against else "",
        "comparisons": len(against),
        "by_ratio": any(row["scale"] == "ratio" for row in against.values()),
        "measures": other_measures(results),
    }


def _is_column(results: StudyResults, name: str) -> bool:
    return any(name in row for row in results.combinations[:1])


def combination_row(results: StudyResults, label: str) -> dict[str, Any]:
    """A combination's mean, interval, n, median, best and worst, and how its runs ended."""
    row = results.means.get(label, {})
    text = digits(*interval(row), [value(row, key) for key in ("median", "best", "worst")])
    n = value(row, "n")
    single = "single seed" if results.about.get("single_seed") else "single run"
    return {
        "label": label,
        "place": results.labels.index(label),
        "chosen": label == results.chosen,
        "reference": label == results.reference,
        "mean": _middle(results.metric, row, text.mean),
        "value": row.get("mean", ""),
        "single": single if n == 1 else "",  # said in place of the interval of one value
        "interval": text.interval,
        "n": f"{n:.0f}" if n == n else "0",
        "others": text.others,
        "ended": [f"{times} {ended}" for ended, times in sorted(results.endings(label).items())],
    }


def _middle(metric: str, row: Row, text: str) -> str:
    """The mean's text, which says so where it is a median."""
    return f"{text} (median)" if middle(metric, row) == "median" and text != NOTHING else text


def comparison_row(row: Row) -> dict[str, Any]:
    """How a combination differs from the reference: by how much, or by what factor."""
    text = change(row["scale"], value(row, "effect"), value(row, "low"), value(row, "high"))
    return {
        "effect": text.mean,
        "value": row["effect"],
        "interval": text.interval,
        "n": row["n"],
        "p": p_value(value(row, "p_holm")).removeprefix("= "),
        "p_value": row.get("p_holm"),
        "direction": row.get("direction") or NOTHING,
        "often": of_ten(row) or NOTHING,
    }


def other_measures(results: StudyResults) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names and, by combination, means with intervals of other metrics than the study's.

    Of training and validation rows; test rows are looked at for what was chosen alone.
    """
    cells: dict[str, dict[str, tuple[str, str]]] = {}  # by metric and combination
    for row in results.combinations:
        metric = row["metric"]
        if metric != results.metric and not metric.startswith("test_"):
            cells.setdefault(metric, {})[row["combination"]] = _cell(metric, row)
    nothing = (NOTHING, "")
    rows = [
        (label, place, [column.get(label, nothing) for column in cells.values()])
        for place, label in enumerate(results.labels)
    ]
    return [sentence(metric_name(name)) for name in cells], rows if cells else []


def _cell(metric: str, row: Mapping[str, str]) -> tuple[str, str]:
    """A mean with its interval, and the number by which it is sorted."""
    text = digits(*interval(row))
    mean = _middle(metric, row, text.mean)
    return (mean if text.interval == NOTHING else f"{mean} ({text.interval})"), row["mean"]
