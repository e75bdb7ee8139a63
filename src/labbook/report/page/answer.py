"""A study's answer and what to be careful of, in sentences that follow from its tables alone."""

import math
from collections.abc import Mapping
from typing import Any

from labbook.measures import higher_is_better, is_ratio
from labbook.report.page.against_reference import name_some, sentences_on_reference
from labbook.report.page.best_set import recommendation
from labbook.report.page.diagnosis import importance_sentences
from labbook.report.result_tables import Row, as_number, interval
from labbook.report.study_results import StudyResults
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, UNFINISHED
from labbook.wording import count, digits, listing, mean_name, metric_name, number, plain, sentence

NO_BREAK = "\N{NO-BREAK SPACE}"
MOST_SENTENCES = 3  # of an answer


def answer(results: StudyResults) -> list[str]:
    """The study's answer in at most three sentences, those that its question asks for first.

    What matters, where all claims ask that; which one leads by what the study compares; what to
    use, what may be as good, its worth. What else there is to say of it: `more_on_answer`.
    """
    return _main_sentences(results)[:MOST_SENTENCES]


def more_on_answer(results: StudyResults) -> list[str]:
    """What the answer leaves out, most important sentence first."""
    if results.chosen is None:
        return []
    main = _main_sentences(results)
    others = [_set_aside(results), _test(results)]
    others += sentences_on_reference(results)
    return main[MOST_SENTENCES:] + [text for text in others if text and text not in main]


def _main_sentences(results: StudyResults) -> list[str]:
    if results.chosen is None:
        return ["No run came to an end with a number: there is no best combination."]
    worth = [plain(text) for text in (results.about.get("worth") or ())[:2]]
    sentences = [*_asked(results), _use(results), _by_metric(results)]
    sentences += [_constant(results), recommendation(results)]
    sentences += worth or [_test(results)]
    return list(dict.fromkeys(text for text in sentences if text))


def _asked(results: StudyResults) -> list[str]:
    """What the study asks, if not which combination to use: it goes before that."""
    matters = importance_sentences(results) if _asks_what_matters(results) else []
    return [*matters, _by_metric(results)] if _asks_by_another(results) else matters


def _asks_what_matters(results: StudyResults) -> bool:
    """Whether all claims of the study are about what its metric depends on."""
    return {row["form"] for row in results.verdicts} == {"matters"}


def _asks_by_another(results: StudyResults) -> bool:
    """Whether what is compared is no figure of test rows for which validation rows may stand.

    By such a figure the choice is the answer: test rows may not choose.
    """
    if len(results.labels) == 1:
        return False
    return results.metric.replace("test_", "valid_", 1) != results.choice_metric


def estimate(entry: Mapping[str, Any]) -> str:
    """`0.973 (95 % interval 0.932 to 1.014, n = 8)` of a mean in study.json or a table."""
    mean, low, high = interval(entry)
    if not math.isfinite(mean):
        return "no value"
    text, n = digits(mean, low, high), _runs_in(entry)
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


def _use(results: StudyResults) -> str:
    """Which combination to use, how sure that is, and what it reaches."""
    label, reached = plain(results.chosen), _reached(results)
    if len(results.labels) == 1:
        return f"{label}, the only combination, has a {reached}."
    by = ""
    if _asks_by_another(results):  # who leads by what is compared was said
        by = f"By {metric_name(results.choice_metric)} "
    about = results.about.get("best_set") or {}
    of, in_set = int(about.get("of", 0)), int(about.get("in_set", 0))
    if about.get("why") or not in_set:
        combinations = count(len(results.labels), "combination")
        return f"Of {combinations} {label} does best by validation rows, with a {reached}."
    if in_set == 1:
        use = sentence(f"{by}use {label}")
        return f"{use}: of {of} combinations it alone may be the best, with a {reached}."
    if in_set == of:
        each = "either of the two" if of == 2 else f"each of the {of}"
        each = sentence(f"{by}{each} combinations may be the best")
        return f"{each}; {label} comes first, with a {reached}."
    use = sentence(f"{by}use {label}")
    return (
        f"{use}, which comes first of the {in_set} of {of} combinations that may be the "
        f"best, with a {reached}."
    )


def _reached(results: StudyResults) -> str:
    """`geometric mean validation MSE of 10.3 (...), that is an RMSE of 3.21 MEDV`."""
    metric, entry = results.choice_metric, results.about["chosen"]["validation"]
    runs = len(results.runs_of(str(results.chosen)))
    value = f"{middle(metric)} {metric_name(metric)} of {estimate(entry)}"
    value += _in_units(results, metric, entry)
    if failed := runs - _runs_in(entry):
        value += f"; {failed} of its {count(runs, 'run')} failed, the mean is over the others"
    return value


def _in_units(results: StudyResults, metric: str, entry: Mapping[str, Any]) -> str:
    """The same in units a person knows: of a squared error its root, which has the target's.

    The root of a geometric mean of squared errors is the geometric mean of their roots.
    """
    target = str(results.about["data"].get("target") or "")
    unit = (results.about.get("unit") or {}).get(metric)
    mean, low, high = interval(entry)
    if unit != f"square of {target}" or not math.isfinite(mean):
        return ""
    text = digits(_root(mean), _root(low), _root(high))
    return f", an RMSE of {text.mean} {plain(target)}"


def _root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else math.nan


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
    best = as_number(results.about["chosen"]["validation"].get("mean"))
    names = []
    for label in results.about["chosen"].get("set_aside") or ():
        mean, _, _ = results.interval_of(label, metric)
        if sign * mean > sign * best:
            failed = f"{results.diverged(label)} of {len(results.runs_of(label))} failed"
            names.append(f"{plain(label)} ({number(mean)}; {failed})")
    if not names:
        return ""
    verb = "has" if len(names) == 1 else "have"
    return f"{listing(names)} {verb} a better {middle(metric)}, but of too few runs to be chosen."


def _by_metric(results: StudyResults) -> str:
    """Which combination leads by the metric that the study compares, if another one chose."""
    metric, label = results.metric, _first(results)
    if metric == results.choice_metric or label is None:
        return ""
    row = results.means[label]
    text = f"By {metric_name(metric)}, which the study compares ({direction_words(metric)}), "
    if len(results.labels) == 1:
        return f"{text}it has a {middle(metric, row)} of {estimate(row)}."
    also = " also" if label == results.chosen and not _asks_by_another(results) else ""
    return f"{text}{plain(label)}{also} comes first: {middle(metric, row)} {estimate(row)}."


def _first(results: StudyResults) -> str | None:
    """The best by the study's metric of the combinations that may be chosen."""
    set_aside = results.about["chosen"].get("set_aside") or ()
    for label in results.ranked:
        if label not in set_aside and math.isfinite(results.interval_of(label)[0]):
            return label
    return None


def _test(results: StudyResults) -> str:
    """The chosen combination's figure on test rows, and what part they had."""
    test = results.about["chosen"].get("test") or {}
    if not math.isfinite(as_number(test.get("mean"))):
        return ""
    metric = results.choice_metric.replace("valid_", "test_")
    if results.metric == metric and _first(results) == results.chosen:
        return ""  # said already
    part = "which had no part in this choice"
    compared = [results.metric, *(row["metric"] for row in results.verdicts)]
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
    unfinished, later, lost = [], [], []
    for label in results.labels:
        ended, name = results.endings(label), plain(label)
        if n := ended[UNFINISHED]:
            unfinished.append(f"{name} ({count(n, 'run')})")
        if n := ended[DIVERGED_LATER]:
            later.append(f"{name} ({count(n, 'run')})")
        if n := ended[DIVERGED]:  # those that did so later are counted apart
            more = f"; {ended[DIVERGED_LATER]} more later" if ended[DIVERGED_LATER] else ""
            lost.append(f"{name} ({n} of {ended.total()}{more})")
    if unfinished:
        texts.append(
            f"More epochs: still improving when the budget was used up: {name_some(unfinished)}. "
            "Their figures may get better with larger training.epochs."
        )
    if lost:
        texts.append(
            f"Diverged runs: {name_some(lost)}. Means and intervals are of the other runs; "
            "comparisons count a diverged run as worse than any number."
        )
    if later:
        texts.append(
            f"Good at their best epoch and lost since: {listing(later)} diverged later. The model "
            "of the best epoch is kept, and its figures count; training.patience would end them "
            "there."
        )
    return texts
