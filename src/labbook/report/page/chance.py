"""Where chance comes from, as the page shows it."""

from typing import Any

from labbook.report.study_results import StudyResults


def chance_view(results: StudyResults) -> dict[str, Any]:
    """What chance.html.j2 calls `chance`; empty where there is nothing to say."""
    return {"chance": {}}
