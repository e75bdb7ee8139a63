"""results/metrics.json: the few numbers of each study that DVC shows and compares."""

import math
from collections.abc import Mapping
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
