"""Which settings may be the best, and the simplest of them, as the page shows it."""

from collections.abc import Iterator, Mapping
from typing import Any

from labbook.report.page.against_reference import name_some
from labbook.report.study_results import StudyResults, as_number
from labbook.wording import NOTHING, change, count, metric_name, percent, plain, sentence

NO_BREAK = "\N{NO-BREAK SPACE}"
SAME = "as many parameters"


def best_set_view(results: StudyResults) -> dict[str, Any]:
    """What the templates call `best_set`, `may_be_best`, `simplest` and `simpler`.

    Sentences on the set; labels that get a tag in the table of combinations, which are none where
    all would get one; what stands beside the best setting at a glance.
    """
    about = results.about.get("best_set")
    labels = _labels(results)
    tagged = about is not None and not about["why"] and len(labels) < about["of"]
    return {
        "best_set": {"sentences": _sentences(results, about, labels) if about else []},
        "may_be_best": labels if tagged else [],
        "simplest": simpler(results).get("label"),
        "simpler": _at_a_glance(simpler(results)),
    }


def simpler(results: StudyResults) -> Mapping[str, Any]:
    """The recommended combination, if it is another than the chosen one; else empty."""
    found = results.about.get("recommended") or {}
    return {} if found.get("label") == results.chosen else found


def recommendation(results: StudyResults) -> str:
    """That a simpler combination may as well be the best, in a sentence; empty where none may."""
    found = simpler(results)
    if not found:
        return ""
    text = change(str(found["scale"]), *_ends(found))
    words = f"{text.mean} (95_% interval {text.interval}, n_=_{found['n']})".replace("_", NO_BREAK)
    beside = f": its {metric_name(results.choice_metric)} differs by {words}, paired by seed"
    return (
        f"{plain(found['label'])} may as well be the best, with {saved(found)}"
        f"{beside if text.mean != NOTHING else ''}."
    )


def _ends(found: Mapping[str, Any]) -> Iterator[float]:
    return (as_number(found[name]) for name in ("effect", "low", "high"))


def saved(found: Mapping[str, Any]) -> str:
    """What a simpler combination saves: parameters, or epochs where these are as many."""
    if fewer := int(found["fewer_parameters"]):
        return f"{count(fewer, 'parameter')} fewer"
    epochs, chosen = as_number(found["epochs"]), as_number(found["chosen_epochs"])
    if not epochs < chosen:
        return SAME
    return f"{SAME} and {percent(1 - epochs / chosen)} fewer epochs"


def _at_a_glance(found: Mapping[str, Any]) -> str:
    """`or simpler: 16-8, 5,120 parameters fewer`; empty where no other is recommended."""
    if not found:
        return ""
    what = "simpler" if int(found["fewer_parameters"]) else "quicker"
    return f"or {what}: {plain(found['label'])}, {saved(found).removeprefix(SAME + ' and ')}"


def _labels(results: StudyResults, answer: str = "yes") -> list[str]:
    rows = results.table("best_set")
    return [row["combination"] for row in rows if row["may_be_best"] == answer]


def _sentences(results: StudyResults, about: Mapping[str, Any], labels: list[str]) -> list[str]:
    """What is in the set, what is not, and how sure that is."""
    if about["why"]:
        return [f"Which combinations may be the best is not said. {about['why']}."]
    metric, of = metric_name(results.choice_metric), int(about["of"])
    sure = f"(n_=_{about['n']}, 95_%)".replace("_", NO_BREAK)
    others = _others(of - len(labels), len(_labels(results, "set aside")))
    if len(labels) == 1:
        return [f"By {metric} only {plain(labels[0])} may be the best: {others} {sure}."]
    first = f"Each of the {of} combinations may be the best by {metric} {sure}."
    if others:
        names = name_some([plain(label) for label in labels])
        first = f"Of {of} combinations {len(labels)} may be the best by {metric}: {names}. "
        first += f"{sentence(others)} {sure}."
    return [
        first,
        "These runs cannot tell which of them is the best; that does not make them equally good. "
        "More seeds make the set smaller.",
    ]


def _others(rest: int, aside: int) -> str:
    """What is said of the `rest` that are not in the set, of which some were set aside."""
    if not rest:
        return ""
    if rest == 1:
        return f"the other {'failed too often' if aside else 'is clearly worse than another'}"
    if not aside:
        return f"the other {rest} are each clearly worse than another"
    if aside == rest:
        return f"the other {rest} failed too often"
    verb = "is" if rest - aside == 1 else "are each"
    return f"{rest - aside} {verb} clearly worse than another, {aside} failed too often"
