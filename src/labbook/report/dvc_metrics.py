"""What DVC shows and compares: results/metrics.json, a few numbers per study, and plots.csv."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from labbook.report.page.claims import verdicts_in_words
from labbook.report.result_tables import interval, measured
from labbook.report.study_results import StudyResults
from labbook.report.together import NOTHING_TOGETHER, Together
from labbook.wording import digits

TOTAL = "all claims"  # no study's name has a space
STAND = "verdicts that stand"  # at a false discovery rate of 5 %


def all_metrics(
    studies: Mapping[str, StudyResults], together: Together = NOTHING_TOGETHER
) -> dict[str, Any]:
    """How many claims got each verdict and, of each study, what chose its best combination.

    Also how many verdicts stand at the false discovery rate, where tests gave any.

    That is two columns of DVC's tables: its mean with four significant digits, under the metric's
    name, and `within`, the interval and n. A study without a mean has none.
    """
    verdicts = [row["verdict"] for results in studies.values() for row in results.verdicts]
    metrics: dict[str, Any] = {TOTAL: verdicts_in_words(verdicts) or "none"}
    stand, fall = map(len, together.standing)
    if stand + fall:
        metrics[STAND] = f"{stand} of {stand + fall}"
    for name, results in studies.items():
        entry = (results.about.get("chosen") or {}).get("validation") or {}
        mean, low, high = interval(entry)
        if math.isfinite(mean):
            n = int(entry["n"])
            within = f"{digits(mean, low, high).interval}, n {n}" if n > 1 else "n 1"
            metrics[name] = {results.choice_metric: float(f"{mean:.4g}"), "within": within}
    return metrics


def plot_table(studies: Iterable[StudyResults]) -> str:
    """Every run with a value by its study's metric, as CSV: for `dvc plots`."""
    import pandas as pd

    rows = []
    for results in studies:
        name, metric = results.name, results.metric
        for run in results.runs:
            if math.isfinite(measured(run, metric)):
                label = f"{name}: {run['combination']}"
                rows.append((name, label, run["seed"], metric, run[metric]))
    table = pd.DataFrame(rows, columns=["study", "combination", "seed", "metric", "value"])
    return str(table.to_csv(index=False, lineterminator="\n"))
