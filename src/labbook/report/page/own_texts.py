"""What the page repeats from params.yaml and from data: no language has other words for it."""

from collections.abc import Iterator, Sequence

from labbook.report.study_results import StudyResults
from labbook.report.together import NOTHING_TOGETHER, Together

OF_A_CLAIM = ("sentence", "reported", "group")
OF_A_QUESTION = ("asked", "sentence")


def own_texts(
    title: str, results: Sequence[StudyResults], together: Together = NOTHING_TOGETHER
) -> set[str]:
    """The page's title, names, questions, labels, columns, and what claims say."""
    studies = (text for study in results for text in _of_study(study))
    questions = (row.get(name, "") for row in together.over_datasets for name in OF_A_QUESTION)
    return {text for text in (title, *studies, *questions) if text}


def _of_study(results: StudyResults) -> Iterator[str]:
    about = results.about
    yield from (results.name, str(about.get("question") or ""), str(about.get("note") or ""))
    yield from results.labels
    yield from about.get("varies") or ()
    for row in results.verdicts:
        yield from (row.get(name, "") for name in OF_A_CLAIM)
    data, chosen = about["data"], about.get("chosen") or {}
    yield from (str(data["name"]), str(data.get("target") or ""))
    yield from (one["feature"] for one in (chosen.get("features") or {}).get("best") or ())
    yield from map(str, data.get("classes") or ())
    yield from (row["column"] for row in results.table("permutation"))
