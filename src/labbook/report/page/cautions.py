"""What a reader must know before believing a study's answer."""

from labbook.report.page.reference import few
from labbook.report.study_results import StudyResults
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, UNFINISHED
from labbook.wording import count, listing, plain


def cautions(results: StudyResults) -> list[str]:
    """What the reader must know before believing the answer."""
    found = [_single(results), _unfinished(results), _diverged(results), _later(results)]
    return [text for text in found if text]


def _single(results: StudyResults) -> str:
    if not results.about.get("single_seed"):
        return ""
    return (
        "One seed only: every figure is a single run, without an interval, and says little. Give "
        "the study more seeds."
    )


def _unfinished(results: StudyResults) -> str:
    counts = {label: results.endings(label)[UNFINISHED] for label in results.labels}
    names = few([f"{plain(k)} ({count(n, 'run')})" for k, n in counts.items() if n])
    if not names:
        return ""
    return (
        f"More epochs: still improving when the budget was used up: {names}. Their "
        "figures may get better with larger training.epochs."
    )


def _diverged(results: StudyResults) -> str:
    names = few([_lost(results, label) for label in results.labels if results.diverged(label)])
    if not names:
        return ""
    return (
        f"Diverged runs: {names}. Means and intervals are of the other runs; comparisons "
        "count a diverged run as worse than any number."
    )


def _lost(results: StudyResults, label: str) -> str:
    """How many runs of a combination diverged; those that did so later are counted apart."""
    ended = results.endings(label)
    more = f"; {ended[DIVERGED_LATER]} more later" if ended[DIVERGED_LATER] else ""
    return f"{plain(label)} ({ended[DIVERGED]} of {sum(ended.values())}{more})"


def _later(results: StudyResults) -> str:
    counts = {label: results.endings(label)[DIVERGED_LATER] for label in results.labels}
    names = [f"{plain(label)} ({count(n, 'run')})" for label, n in counts.items() if n]
    if not names:
        return ""
    return (
        f"Good at their best epoch and lost since: {listing(names)} diverged later. The model of "
        "the best epoch is kept, and its figures count; training.patience would end them there."
    )
