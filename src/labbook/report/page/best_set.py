"""Which settings may be the best, and the simplest of them, as the page shows it."""

from typing import Any

from labbook.report.study_results import StudyResults


def best_set_view(results: StudyResults) -> dict[str, Any]:
    """What best_set.html.j2 calls `best_set`; empty where there is nothing to say."""
    return {"best_set": {}}
