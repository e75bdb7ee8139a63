"""What DVC shows and compares: results/metrics.json, a few numbers per study, and plots.csv."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from labbook.report.page.claims import verdict_counts
from labbook.report.study_results import StudyResults, interval, measured
from labbook.wording import digits

TOTAL = "all claims"  # no study's name has a space


def study_metrics(results: StudyResults) -> dict[str, Any]:
    """The best combination's mean by the metric that chose it, and `within`: its interval and n.

    Two columns of DVC's tables. The mean has four significant digits; {} where there is none.
    """
    chosen = results.about.get("chosen") or {}
    name = results.choice_metric
    entry = chosen.get("validation") or {}
    mean, low, high = interval(entry)
    if not math.isfinite(mean):
        return {}
    n = int(entry["n"])
    within = f"{digits(mean, low, high).interval}, n {n}" if n > 1 else "n 1"
    return {name: float(f"{mean:.4g}"), "within": within}


def all_metrics(studies: Mapping[str, StudyResults]) -> dict[str, Any]:
    """How many claims got each verdict, in one column, and `study_metrics` of every study."""
    verdicts = [row["verdict"] for results in studies.values() for row in results.verdicts]
    counts = ", ".join(f"{n} {verdict}" for verdict, n in verdict_counts(verdicts).items() if n)
    each = {name: study_metrics(results) for name, results in studies.items()}
    return {TOTAL: counts or "none"} | {name: entry for name, entry in each.items() if entry}


def plot_table(studies: Iterable[StudyResults]) -> str:
    """Every run with a value by its study's metric, as CSV: for `dvc plots`."""
    import pandas as pd

    rows = [
        (
            results.name,
            f"{results.name}: {run['combination']}",
            run["seed"],
            results.metric,
            run[results.metric],
        )
        for results in studies
        for run in results.runs
        if math.isfinite(measured(run, results.metric))
    ]
    table = pd.DataFrame(rows, columns=["study", "combination", "seed", "metric", "value"])
    return str(table.to_csv(index=False, lineterminator="\n"))
