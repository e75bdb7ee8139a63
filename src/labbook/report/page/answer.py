"""A study's answer and what to be careful of, in sentences that follow from its tables alone."""

import math
from collections.abc import Mapping
from typing import Any

from labbook.metrics import higher_is_better, is_ratio
from labbook.report.page.reference import name_some, sentences_on_reference
from labbook.report.study_results import Row, StudyResults, as_number, interval, value
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, UNFINISHED
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
    mean, low, high = interval(entry)
    text = digits(mean, low, high)
    n = _runs_in(entry)
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


def direction_words(metric: str) -> str:
    """`lower is better` or its opposite."""
    return "higher is better" if higher_is_better(metric) else "lower is better"


def _runs_in(entry: Mapping[str, Any]) -> int:
    """How many runs a mean is over."""
    n = as_number(entry.get("n"))
    return int(n) if math.isfinite(n) else 0


def _of(metric: str, entry: Mapping[str, Any]) -> str:
    return f"{middle(metric)} {metric_name(metric)} of {estimate(entry)}"


def _best(results: StudyResults) -> str:
    label, metric = str(results.chosen), results.choice_metric
    entry = results.about["chosen"]["validation"]
    runs = len(results.runs_of(label))
    failed = runs - _runs_in(entry)
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
    part, _, measure = results.choice_metric.partition("_")
    constant = as_number((results.about.get("constant_accuracy") or {}).get(part))
    if measure != "accuracy" or not math.isfinite(constant):
        return ""
    text = f"Always saying the most frequent class has an accuracy of {number(constant)} there"
    best = as_number(results.about["chosen"]["validation"].get("mean"))
    return f"{text}, no less than the best combination." if constant >= best else f"{text}."


def _set_aside(results: StudyResults) -> str:
    """Which combinations have a better mean, of too few runs."""
    metric = results.choice_metric
    sign = 1 if higher_is_better(metric) else -1
    best = sign * as_number(results.about["chosen"]["validation"].get("mean"))
    rows = results.means_of(metric)
    means = {label: value(rows.get(label, {}), "mean") for label in _aside(results)}
    names = [
        f"{plain(label)} ({number(mean)}; {results.diverged(label)} of "
        f"{len(results.runs_of(label))} failed)"
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
    if metric == results.choice_metric or label is None or len(results.labels) == 1:
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
    metric = results.choice_metric.replace("valid_", "test_")
    if results.metric == metric and _first(results) == results.chosen:
        return ""  # said already
    part = "which had no part in this choice"
    compared = [results.metric, *(row.get("metric", "") for row in results.verdicts)]
    if any(name.startswith("test_") for name in compared):
        part = "on which this study compares combinations, but does not choose"
    name = f"{middle(metric)} {metric_name(metric)}"
    return f"On test rows, {part}, the {name} of {plain(results.chosen)} is {estimate(test)}."


def cautions(results: StudyResults) -> list[str]:
    """What the reader must know before believing the answer."""
    texts = []
    if results.about.get("single_seed"):
        texts.append(
            "One seed only: every figure is a single run, without an interval, and says little. "
            "Give the study more seeds."
        )
    if names := name_some(_runs_that_ended(results, UNFINISHED)):
        texts.append(
            f"More epochs: still improving when the budget was used up: {names}. Their "
            "figures may get better with larger training.epochs."
        )
    if names := name_some(
        [_lost(results, label) for label in results.labels if results.diverged(label)]
    ):
        texts.append(
            f"Diverged runs: {names}. Means and intervals are of the other runs; comparisons "
            "count a diverged run as worse than any number."
        )
    if names := listing(_runs_that_ended(results, DIVERGED_LATER)):
        texts.append(
            f"Good at their best epoch and lost since: {names} diverged later. The model of "
            "the best epoch is kept, and its figures count; training.patience would end them there."
        )
    return texts


def _runs_that_ended(results: StudyResults, ending: str) -> list[str]:
    """The combinations that have such runs, and how many."""
    counts = {label: results.endings(label)[ending] for label in results.labels}
    return [f"{plain(label)} ({count(n, 'run')})" for label, n in counts.items() if n]


def _lost(results: StudyResults, label: str) -> str:
    """How many runs of a combination diverged; those that did so later are counted apart."""
    ended = results.endings(label)
    more = f"; {ended[DIVERGED_LATER]} more later" if ended[DIVERGED_LATER] else ""
    return f"{plain(label)} ({ended[DIVERGED]} of {sum(ended.values())}{more})"
