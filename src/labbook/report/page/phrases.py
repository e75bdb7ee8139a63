"""What a study's tables say, in plain sentences that follow from the numbers alone."""

import math
from collections.abc import Mapping
from typing import Any

from labbook.metrics import higher_is_better, is_ratio
from labbook.report.page.reference import sentences_on_reference
from labbook.report.study_results import Row, StudyResults, as_number, value
from labbook.wording import count, digits, listing, mean_name, metric_name, number, plain

NO_BREAK = "\N{NO-BREAK SPACE}"


def answer(results: StudyResults) -> list[str]:
    """The study's answer, most important sentence first."""
    if results.chosen is None:
        return ["No run came to an end with a number: there is no best combination."]
    sentences = [
        _best(results),
        _constant(results),
        _set_aside(results),
        _by_metric(results),
        _test(results),
        *sentences_on_reference(results),
    ]
    return [text for text in sentences if text]


def estimate(entry: Mapping[str, Any]) -> str:
    """`0.973 (95 % interval 0.932 to 1.014, n = 8)` of a mean in study.json or a table."""
    mean, low, high = (as_number(entry.get(key)) for key in ("mean", "low", "high"))
    text = digits(mean, low, high)
    n = int(_or_zero(entry.get("n")))
    if not math.isfinite(mean):
        return "no value"
    if n == 1:
        return f"{text.mean} (a single run, no interval)"
    words = f"{text.mean} (95_% interval {text.interval}, n_=_{n})"
    return words.replace("_", NO_BREAK)


def middle(metric: str, row: Row | None = None) -> str:
    """What stands for the runs of a combination: `mean`, `geometric mean` or `median`.

    `row` is of the combinations table: epochs that not all runs reached have a median.
    """
    if row and row.get("mark", "").startswith("median"):
        return "median"
    return mean_name(is_ratio(metric))


def choice_metric(results: StudyResults) -> str:
    """The metric of validation rows that chose the best combination."""
    return str(results.about.get("choice_metric") or results.metric)


def asks_test_rows(results: StudyResults) -> bool:
    """Whether the study or a claim compares combinations on test rows."""
    asked = [results.metric, *(row.get("metric", "") for row in results.verdicts)]
    return any(metric.startswith("test_") for metric in asked)


def direction_words(metric: str) -> str:
    """`lower is better` or its opposite."""
    return "higher is better" if higher_is_better(metric) else "lower is better"


def _or_zero(given: Any) -> float:
    number = as_number(given)
    return number if math.isfinite(number) else 0.0


def _of(metric: str, entry: Mapping[str, Any]) -> str:
    return f"{middle(metric)} {metric_name(metric)} of {estimate(entry)}"


def _best(results: StudyResults) -> str:
    label, metric = str(results.chosen), choice_metric(results)
    entry = results.about["chosen"]["validation"]
    runs = sum(results.endings(label).values())
    failed = runs - int(_or_zero(entry.get("n")))
    tail = f"; {failed} of its {count(runs, 'run')} failed, the mean is over the others"
    tail = tail if failed else ""
    if len(results.labels) == 1:
        return f"{plain(label)}, the only combination, has a {_of(metric, entry)}{tail}."
    return (
        f"Of {count(len(results.labels), 'combination')} {plain(label)} does best by validation "
        f"rows, with a {_of(metric, entry)}{tail}."
    )


def _constant(results: StudyResults) -> str:
    """What always saying the most frequent class gives, beside the best accuracy."""
    part, _, measure = choice_metric(results).partition("_")
    constant = as_number((results.about.get("constant_accuracy") or {}).get(part))
    if measure != "accuracy" or not math.isfinite(constant):
        return ""
    text = f"Always saying the most frequent class has an accuracy of {number(constant)} there"
    best = as_number(results.about["chosen"]["validation"].get("mean"))
    return f"{text}, no less than the best combination." if constant >= best else f"{text}."


def _set_aside(results: StudyResults) -> str:
    """Which combinations have a better mean, of too few runs."""
    metric = choice_metric(results)
    sign = 1 if higher_is_better(metric) else -1
    best = sign * as_number(results.about["chosen"]["validation"].get("mean"))
    rows = results.means_of(metric)
    means = {label: value(rows.get(label, {}), "mean") for label in _aside(results)}
    names = [
        f"{plain(label)} ({number(mean)}; {results.diverged(label)} of "
        f"{sum(results.endings(label).values())} failed)"
        for label, mean in means.items()
        if sign * mean > best
    ]
    if not names:
        return ""
    verb = "has" if len(names) == 1 else "have"
    return f"{listing(names)} {verb} a better {middle(metric)}, but of too few runs to be chosen."


def _aside(results: StudyResults) -> list[str]:
    return list(results.about["chosen"].get("set_aside") or ())


def _by_metric(results: StudyResults) -> str:
    """Which combination leads by the metric that the study compares, if another one chose."""
    metric, label = results.metric, _first(results)
    if metric == choice_metric(results) or label is None or len(results.labels) == 1:
        return ""
    row, also = results.means[label], " also" if label == results.chosen else ""
    return (
        f"By {metric_name(metric)}, which the study compares ({direction_words(metric)}), "
        f"{plain(label)}{also} comes first: {middle(metric, row)} {estimate(row)}."
    )


def _first(results: StudyResults) -> str | None:
    """The best by the study's metric of the combinations that may be chosen."""
    known = {label for label, row in results.means.items() if math.isfinite(value(row, "mean"))}
    eligible = (one for one in results.ranked if one in known and one not in _aside(results))
    return next(eligible, None)


def _test(results: StudyResults) -> str:
    """The chosen combination's figure on test rows, and what part they had."""
    test = results.about["chosen"].get("test") or {}
    if not math.isfinite(as_number(test.get("mean"))):
        return ""
    metric = choice_metric(results).replace("valid_", "test_")
    if results.metric == metric and _first(results) == results.chosen:
        return ""  # said already
    part = "which had no part in this choice"
    if asks_test_rows(results):
        part = "on which this study compares combinations, but does not choose"
    name = f"{middle(metric)} {metric_name(metric)}"
    return f"On test rows, {part}, the {name} of {plain(results.chosen)} is {estimate(test)}."
