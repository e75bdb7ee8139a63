"""What a study's controls say, as the page shows it."""

from typing import Any

from labbook.report.study_results import StudyResults


def controls_view(results: StudyResults) -> dict[str, Any]:
    """What controls.html.j2 calls `controls`; empty where there is nothing to say."""
    return {"controls": {}}
