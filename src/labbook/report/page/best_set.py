"""Which settings may be the best, and the simplest of them, as the page shows it."""

import math
from collections.abc import Mapping
from typing import Any

from labbook.measures import higher_is_better
from labbook.report.page.against_reference import MOST_NAMES
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults
from labbook.wording import (
    MINUS,
    NOTHING,
    change,
    count,
    listing,
    metric_name,
    percent,
    plain,
    sentence,
)

NO_BREAK = "\N{NO-BREAK SPACE}"
SAME = "as many parameters"
SIGNS = f"+{MINUS}"


def best_set_view(results: StudyResults) -> dict[str, Any]:
    """What the templates call `best_set`, `may_be_best`, `simplest` and `simpler`.

    Sentences on the set; labels that get a tag in the table of combinations, which are none where
    all would get one; what stands beside the best setting at a glance.
    """
    about = results.about.get("best_set")
    labels = _labels(results)
    return {
        "best_set": {
            "sentences": _sentences(results, about, labels) if about else [],
            "counts": _counts(results) if results.may_be_best else [],
        },
        "may_be_best": results.may_be_best,
        "simplest": simpler(results).get("label"),
        "simpler": _at_a_glance(simpler(results)),
    }


def _counts(results: StudyResults) -> list[tuple[str, list[str]]]:
    """`2 may be the best`, `1 can be excluded as the best`: each with its labels, best first."""
    words = {
        "yes": "may be the best",
        "no": "can be excluded as the best",
        "set aside": "failed too often",
    }
    counts = []
    for answer, said in words.items():
        found = set(_labels(results, answer))
        if labels := [plain(label) for label in results.ranked if label in found]:
            counts.append((f"{len(labels)} {said}", labels))
    return counts


def simpler(results: StudyResults) -> Mapping[str, Any]:
    """The recommended combination, if it is another than the chosen one; else empty."""
    found = results.about.get("recommended") or {}
    return {} if found.get("label") == results.chosen else found


def recommendation(results: StudyResults) -> str:
    """That a simpler combination is not excluded as the best, in a sentence; empty for none.

    How much worse it may be comes first: not to be excluded is not to be equally good.
    """
    found = simpler(results)
    if not found:
        return ""
    return (
        f"{plain(found['label'])} cannot be excluded as the best, and has {saved(found)}"
        f"{_how_much_worse(found, results.choice_metric)}."
    )


def _how_much_worse(found: Mapping[str, Any], metric: str) -> str:
    """`; its MSE may be up to 4.0 % higher: it differs by ...`; empty where there is no effect."""
    effect, low, high = (as_number(found[name]) for name in ("effect", "low", "high"))
    text = change(str(found["scale"]), effect, low, high)
    if text.mean == NOTHING:
        return ""
    name, same = metric_name(metric), 1 if found["scale"] == "ratio" else 0
    less = higher_is_better(metric)
    end, size = (low, text.low) if less else (high, text.high)  # of the interval, the bad one
    head = f"its {name} differs"
    if not math.isfinite(end):
        head = f"how far its {name} is worse is open: it differs"
    elif end < same if less else end > same:
        way = f"{size.lstrip(SIGNS)} {'lower' if less else 'higher'}"
        way = f"{size[1:]} times as large" if size.startswith("×") else way
        head = f"its {name} may be up to {way}: it differs"
    words = f"{text.mean} on average (95_% interval {text.interval}, n_=_{found['n']})"
    return f"; {head} by {words}, paired by seed".replace("_", NO_BREAK)


def saved(found: Mapping[str, Any]) -> str:
    """What a simpler combination saves: parameters, or epochs where these are as many."""
    if fewer := int(found["fewer_parameters"]):
        return f"{count(fewer, 'parameter')} fewer"
    epochs, chosen = as_number(found["epochs"]), as_number(found["chosen_epochs"])
    if not epochs < chosen:
        return SAME
    return f"{SAME} and {percent(1 - epochs / chosen)} fewer epochs"


def _at_a_glance(found: Mapping[str, Any]) -> str:
    """`simpler, not excluded: 16-8, 5,120 parameters fewer`; empty where there is none."""
    if not found:
        return ""
    what = "simpler" if int(found["fewer_parameters"]) else "quicker"
    saves = saved(found).removeprefix(SAME + " and ")
    return f"{what}, not excluded: {plain(found['label'])}, {saves}"


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
        few = len(labels) <= MOST_NAMES
        names = f": {listing(map(plain, labels))}" if few else ""
        first = f"Of {of} combinations {len(labels)} may be the best by {metric}{names}. "
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
