"""What a study's tables say, in plain sentences that follow from the numbers alone."""

import math
from collections.abc import Mapping
from typing import Any

from labbook.metrics import higher_is_better
from labbook.results import Row, StudyResults, value
from labbook.runs import DIVERGED_LATER, UNFINISHED
from labbook.verdicts import ALPHA
from labbook.wording import (
    change,
    count,
    digits,
    listing,
    metric_name,
    p_value,
    plain,
)


def answer(results: StudyResults) -> list[str]:
    """The study's answer, most important sentence first."""
    if results.chosen is None:
        return ["No run came to an end with a number: there is no best combination."]
    sentences = [_best(results), _test(results), _against_reference(results), _others(results)]
    return [text for text in sentences if text]


def cautions(results: StudyResults) -> list[str]:
    """What the reader must know before believing the answer."""
    found = [_single(results), _unfinished(results), _diverged(results), _later(results)]
    return [text for text in found if text]


def estimate(entry: Mapping[str, Any]) -> str:
    """`0.973 (95 % interval 0.932 to 1.014, n = 8)` of a mean in study.json."""
    mean, low, high = (_number(entry.get(key)) for key in ("mean", "low", "high"))
    text = digits(mean, low, high)
    n = int(entry.get("n") or 0)
    if not math.isfinite(mean):
        return "no value"
    if n == 1:
        return f"{text.mean} (a single seed, no interval)"
    words = f"{text.mean} (95_% interval {text.interval}, n_=_{n})"
    return words.replace("_", "\N{NO-BREAK SPACE}")


def _number(given: Any) -> float:
    return math.nan if given is None else float(given)


def _choice(results: StudyResults) -> str:
    return str(results.about.get("choice_metric") or results.metric)


def _best(results: StudyResults) -> str:
    chosen = results.about["chosen"]
    total = count(len(results.labels), "combination")
    name = metric_name(_choice(results))
    failed = any(results.diverged(label) for label in results.labels)
    return (
        f"Of {total} {plain(results.chosen)} does best, with a mean {name} of "
        f"{estimate(chosen['validation'])}."
        + (" Those with more diverged runs come after it, whatever their mean." if failed else "")
    )


def _test(results: StudyResults) -> str:
    test = results.about["chosen"].get("test") or {}
    if not math.isfinite(_number(test.get("mean"))):
        return ""
    name = metric_name(_choice(results).replace("valid_", "test_"))
    return f"On test rows, looked at once, its {name} is {estimate(test)}."


def _comparison(results: StudyResults, label: str | None) -> Row | None:
    rows = results.table("comparisons")
    return next((row for row in rows if row["combination"] == label), None)


def _against_reference(results: StudyResults) -> str:
    row = _comparison(results, results.chosen)
    if results.chosen == results.reference:
        return "It is the reference combination."
    if row is None:
        return ""
    effect, low, high = (value(row, key) for key in ("effect", "low", "high"))
    if not math.isfinite(effect):
        return _against_failed(results, row)
    if not math.isfinite(low):
        return ""
    text = change(row["scale"], effect, low, high)
    said = (
        f"Paired by seed, its {metric_name(results.metric)} differs from that of the reference "
        f"{plain(results.reference)} by {text.mean} ({text.interval}; corrected "
        f"p {p_value(value(row, 'p_holm'))})"
    )
    if value(row, "p_holm") < ALPHA:
        return f"{said}."
    neutral = 1 if row["scale"] == "ratio" else 0
    if low < neutral < high:
        return f"{said}; that may be chance."
    return f"{said}; that may still be chance once corrected for the comparisons made."


def _against_failed(results: StudyResults, row: Row) -> str:
    """Where no seed has a number on both sides."""
    if row.get("direction") != "better":
        return f"The reference {plain(results.reference)} has no value to compare with."
    return (
        f"It is clearly better than the reference {plain(results.reference)}, counting failed runs "
        f"as worse than any number (corrected p {p_value(value(row, 'p_holm'))})."
    )


def _others(results: StudyResults) -> str:
    """How the other combinations stand to the reference."""
    rows = [row for row in results.table("comparisons") if row["combination"] != results.chosen]
    said = []
    for direction in ("better", "worse"):
        names = [plain(row["combination"]) for row in rows if row.get("direction") == direction]
        if names:
            verb = "is" if len(names) == 1 else "are"
            said.append(f"{listing(names)} {verb} clearly {direction}")
    known = math.isfinite(value(results.means.get(results.reference, {}), "mean"))
    unclear = known and sum(row.get("direction") == "unclear" for row in rows)
    if unclear:
        verb = "does" if unclear == 1 else "do"
        said.append(f"{count(unclear, 'other')} {verb} not clearly differ")
    return f"Against the reference, {'; '.join(said)}." if said else ""


def _single(results: StudyResults) -> str:
    if not results.about.get("single_seed"):
        return ""
    return (
        "One seed only: every figure is a single run, without an interval, and says little. Give "
        "the study more seeds."
    )


def _unfinished(results: StudyResults) -> str:
    counts = {label: results.endings(label)[UNFINISHED] for label in results.labels}
    names = [f"{plain(k)} ({count(n, 'run')})" for k, n in counts.items() if n]
    if not names:
        return ""
    return (
        f"More epochs: still improving when the budget was used up: {listing(names)}. Their "
        "figures may get better with larger training.epochs."
    )


def _diverged(results: StudyResults) -> str:
    counts = {label: results.diverged(label) for label in results.labels}
    names = [
        f"{plain(label)} ({n} of {sum(results.endings(label).values())})"
        for label, n in counts.items()
        if n
    ]
    if not names:
        return ""
    return f"Diverged runs: {listing(names)}. Means and intervals are of the other runs."


def _later(results: StudyResults) -> str:
    counts = {label: results.endings(label)[DIVERGED_LATER] for label in results.labels}
    names = [f"{plain(label)} ({count(n, 'run')})" for label, n in counts.items() if n]
    if not names:
        return ""
    return (
        f"Good at their best epoch and lost since: {listing(names)} diverged later. The model of "
        "the best epoch is kept, and its figures count; training.patience would end them there."
    )


def direction_words(metric: str) -> str:
    """`lower is better` or its opposite."""
    return "higher is better" if higher_is_better(metric) else "lower is better"
