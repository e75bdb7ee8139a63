"""Methods tuned against tuned, and the greedy ensemble, as the page shows them."""

from typing import Any

from labbook.report.study_results import StudyResults


def tuned_view(results: StudyResults) -> dict[str, Any]:
    """What tuned.html.j2 calls `tuned`; empty where there is nothing to say."""
    return {"tuned": {}}
