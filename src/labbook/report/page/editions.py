"""What the editions of a data set are called, and what they mean."""

from typing import NamedTuple

from labbook.report.study_results import StudyResults
from labbook.verdicts import STAND_IN


class Edition(NamedTuple):
    """What an edition of a data set is called, and what that means."""

    badge: str
    words: str


EDITIONS = {
    "real": Edition("real data", "the real data, checked by their sums"),
    "package": Edition("real data", "real data that come inside an installed package"),
    "generated": Edition("generated", "generated from a formula"),
    "own": Edition("own data", "a table of your own"),
    STAND_IN: Edition(
        "stand-in",
        "a stand-in, not the data that the question is about. Nothing here is a finding about the "
        "real data, and no claim is judged",
    ),
}


def edition(results: StudyResults) -> Edition:
    """The edition of a study's data in words."""
    name = str(results.about["data"].get("edition", ""))
    return EDITIONS.get(name, Edition(name, name))


def is_stand_in(results: StudyResults) -> bool:
    """Whether the study saw a stand-in for its data."""
    return bool(results.about["data"].get("edition") == STAND_IN)
