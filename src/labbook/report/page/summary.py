"""The report's main lines for the console."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labbook.metrics import is_ratio
from labbook.report.page.claims import verdict_counts
from labbook.report.study_results import StudyResults, interval, read_results
from labbook.wording import count, digits, mean_name, metric_name, short

WIDEST = 100  # columns
HEAD = ("study", "best setting", "validation value", "claims")
SIGNS = {"supported": "+", "refuted": "-", "undecided": "?", "not judged": "/"}
LEGEND = "claims: + supported, - refuted, ? undecided, / not judged; each in results/claims.csv"
GEOMETRIC = f"values of errors (MSE) are {mean_name(ratio=True)}s over the seeds, others means"
NAME, SETTING = 24, 32  # the most characters of a study's name and of its best setting


def summary_lines(studies: Sequence[Path]) -> list[str]:
    """One line per study under a head: best setting, its value with interval, verdicts.

    Plain text of at most 100 columns. `studies` are results folders.
    """
    results = [read_results(folder) for folder in studies]
    rows = [HEAD, *(_row(one) for one in results)]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    widths[1] -= max(0, sum(widths) + 6 - WIDEST)
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "-" * max(map(len, lines)))
    if any(is_ratio(one.choice_metric) for one in results):
        lines.append(GEOMETRIC)
    lines += [_total(results), LEGEND]
    if any(one.stand_in for one in results):
        lines.append("* on stand-in data: not a finding about the real data")
    return lines


def _total(results: Sequence[StudyResults]) -> str:
    counts = verdict_counts(row["verdict"] for one in results for row in one.verdicts)
    said = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n)
    return f"{count(sum(counts.values()), 'claim')}: {said}" if said else "no claims"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = (short(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()


def _row(results: StudyResults) -> tuple[str, str, str, str]:
    mark = "*" if results.stand_in else ""
    counts = verdict_counts(row["verdict"] for row in results.verdicts)
    said = " ".join(f"{SIGNS[verdict]}{n}" for verdict, n in counts.items() if n)
    chosen = results.about.get("chosen")
    name = short(results.name, NAME) + mark
    if not chosen:
        return name, "none", "every run diverged", said or "none"
    value = _value(results, chosen["validation"])
    return name, short(chosen["label"], SETTING), value, said or "none"


def _value(results: StudyResults, entry: dict[str, Any]) -> str:
    text = digits(*interval(entry))
    name = metric_name(results.choice_metric)
    measure = name.removeprefix("validation ")
    if entry["n"] == 1:
        return f"{measure} {text.mean} (n=1)"
    return f"{measure} {text.mean} [{text.low}, {text.high}]"
