"""The report's main lines for the console."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from labbook.measures import is_ratio
from labbook.report.page.best_set import simpler
from labbook.report.page.claims import verdict_counts, verdicts_in_words
from labbook.report.result_tables import interval
from labbook.report.study_results import StudyResults, read_results
from labbook.report.together import NOTHING_TOGETHER, Together
from labbook.wording import count, digits, mean_name, metric_name, short

WIDEST = 100  # columns
HEAD = ("study", "best setting", "validation value", "claims")
SIGNS = {"supported": "+", "refuted": "-", "undecided": "?", "not judged": "/"}
SIMPLER = " ~"
OF_SIMPLER = "~ a simpler setting cannot be excluded as the best; see the study's answer"
LEGEND = "claims: + supported, - refuted, ? undecided, / not judged; each in results/claims.csv"
GEOMETRIC = f"values of errors (MSE) are {mean_name(ratio=True)}s over the seeds, others means"
NAME, SETTING = 24, 32  # the most characters of a study's name and of its best setting


def summary_lines(studies: Sequence[Path], together: Together = NOTHING_TOGETHER) -> list[str]:
    """One line per study under a head: best setting, its value with interval, verdicts.

    Plain text of at most 100 columns. `studies` are results folders.
    """
    results = [read_results(folder) for folder in studies]
    rows = [HEAD, *map(main_line, results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[1] -= max(0, sum(widths) + 6 - WIDEST)
    lines = []
    for row in rows:
        cells = (short(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    if any(is_ratio(study.choice_metric) for study in results):
        lines.append(GEOMETRIC)
    verdicts = [row["verdict"] for study in results for row in study.verdicts]
    claims = f"{count(len(verdicts), 'claim')}: {verdicts_in_words(verdicts)}"
    lines += [claims if verdicts else "no claims", LEGEND]
    if any(map(simpler, results)):
        lines.append(OF_SIMPLER)
    lines += wrap(together.standing_in_words(), WIDEST)
    if any(study.stand_in for study in results):
        lines.append("* on stand-in data: not a finding about the real data")
    return lines


def main_line(results: StudyResults) -> tuple[str, str, str, str]:
    """A study's name, best setting, its value with the interval, and its verdicts: as in `HEAD`."""
    name = short(results.name, NAME) + ("*" if results.stand_in else "")
    counts = verdict_counts(row["verdict"] for row in results.verdicts)
    claims = " ".join(f"{SIGNS[verdict]}{n}" for verdict, n in counts.items() if n) or "none"
    chosen = results.about.get("chosen")
    if not chosen:
        return name, "none", "every run diverged", claims
    text = digits(*interval(chosen["validation"]))
    spread = "(n=1)" if chosen["validation"]["n"] == 1 else f"[{text.low}, {text.high}]"
    measure = metric_name(results.choice_metric).removeprefix("validation ")
    mark = SIMPLER if simpler(results) else ""
    best = short(chosen["label"], SETTING - len(mark)) + mark
    if results.of_one_setting:
        best = "one setting"
    return name, best, f"{measure} {text.mean} {spread}", claims
