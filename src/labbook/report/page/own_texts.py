"""What the page repeats from params.yaml and from data: no language has other words for it."""

from collections.abc import Iterator, Sequence

from labbook.report.study_results import StudyResults

OF_A_CLAIM = ("id", "sentence", "reported", "group", "better", "than")


def own_texts(title: str, results: Sequence[StudyResults]) -> set[str]:
    """The page's title, names, questions, labels, columns, and what claims say."""
    return {title, *(text for study in results for text in _of_study(study) if text)}


def _of_study(results: StudyResults) -> Iterator[str]:
    about = results.about
    yield from (results.name, str(about.get("question") or ""), str(about.get("note") or ""))
    yield from results.labels
    for name in about.get("varies") or ():
        yield name
        yield from (row.get(name, "") for row in results.combinations)
    for row in results.verdicts:
        yield from (row.get(name, "") for name in OF_A_CLAIM)
    yield str(about["data"].get("target") or "")
    chosen = about.get("chosen") or {}
    yield from (one["feature"] for one in (chosen.get("features") or {}).get("best") or ())
