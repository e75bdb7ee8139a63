"""What DVC shows and compares: results/metrics.json, a few numbers per study, and plots.csv."""

import csv
import io
import math
from collections.abc import Iterable, Mapping
from typing import Any

from labbook.report.claims import verdict_counts
from labbook.results import StudyResults


def study_metrics(results: StudyResults) -> dict[str, Any]:
    """The best combination's means, its interval and n, and how many claims got each verdict.

    Numbers have six significant digits; those that do not exist are left out.
    """
    chosen = results.about.get("chosen") or {}
    name = str(results.about.get("choice_metric") or results.metric)
    validation = chosen.get("validation") or {}
    found = {name: validation.get("mean")} | {key: validation.get(key) for key in ("low", "high")}
    tests = chosen.get("test_metrics") or {name.replace("valid_", "test_"): chosen.get("test")}
    found |= {metric: (entry or {}).get("mean") for metric, entry in tests.items()}
    kept = {
        key: float(f"{given:.6g}")
        for key, given in found.items()
        if given is not None and math.isfinite(given)
    }
    counts = {key.replace(" ", "_"): n for key, n in verdict_counts(results.verdicts).items()}
    return kept | {"n": int(validation.get("n") or 0)} | counts


def all_metrics(studies: Mapping[str, StudyResults]) -> dict[str, Any]:
    """`study_metrics` of every study by name."""
    return {name: study_metrics(results) for name, results in studies.items()}


def plot_table(studies: Iterable[StudyResults]) -> str:
    """Every run with a value by its study's metric, as CSV: for `dvc plots`."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["study", "combination", "seed", "metric", "value"])
    for results in studies:
        for run in results.runs:
            if run[results.metric]:
                label = f"{results.name}: {run['combination']}"
                value = run[results.metric]
                rows.writerow([results.name, label, run["seed"], results.metric, value])
    return text.getvalue()
