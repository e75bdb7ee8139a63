"""The study's metric by combination: every run a dot, mean and interval, the reference."""

import math
from collections.abc import Sequence

from labbook.measures import is_ratio
from labbook.report.figures.axes import spans_widely
from labbook.report.figures.figure import Axis, Color, Dots, Figure, Mark, Note, Panel, Rule
from labbook.report.figures.settings import with_interval
from labbook.report.result_tables import measured
from labbook.report.study_results import StudyResults
from labbook.training.runfile import CONVERGED
from labbook.wording import count, mean_name, metric_name, sentence, short

ROW, MORE = 0.34, 0.75  # inches per combination, and of all else
NAME = 60  # characters of a row's name
# Of more combinations than there is room for: the best, and some others down to the worst.
MOST_ROWS, BEST = 40, 25


def metric_figure(results: StudyResults) -> Figure | None:
    """One row per combination, of very many a choice; None where no run has a number."""
    labels = shown_labels(results)
    every = [v for label in labels for v in results.values_of(label, results.metric)]
    if not every:
        return None
    log = spans_widely(every)
    marks: list[Mark] = [*_reference(results), *_runs(results, labels)]
    least = min(every) / 3 if log else -math.inf
    others = [label for label in labels if label != results.best]
    marks += [_means(results, labels, others, "ink", least)]
    if results.best in labels:
        marks.append(_means(results, labels, [results.best], "main", least))
    marks += _notes(results, labels)
    metric = sentence(metric_name(results.metric))
    words = "; ".join(_in_words(results, label) for label in labels)
    return Figure(
        f"{metric} by combination",
        _caption(results, labels),
        f"{metric} with its interval. {words}",
        [Panel(marks, Axis(metric_name(results.metric), log=log), _rows(results, labels))],
        height=MORE + ROW * len(labels),
    )


def shown_labels(results: StudyResults) -> list[str]:
    """All combinations in their order; of very many some by rank, with the reference."""
    labels = results.some_labels(MOST_ROWS, BEST)
    if len(labels) == len(results.labels):
        return labels
    always = (*labels, results.chosen, results.reference)
    return [label for label in results.ranked if label in always]


def unreached(results: StudyResults, label: str) -> bool:
    """Whether runs of a combination missed the goal that the metric counts epochs to."""
    return results.means.get(label, {}).get("mark", "").startswith("median")


def _rows(results: StudyResults, labels: Sequence[str]) -> Axis:
    return Axis(
        names=[_row_name(results, label) for label in labels],
        combinations=[results.labels.index(label) for label in labels],
        strong=labels.index(results.best) if results.best in labels else None,
    )


def _row_name(results: StudyResults, label: str) -> str:
    roles = {"best": results.best, "reference": results.reference}
    marks = [role for role, its_label in roles.items() if its_label == label]
    return short(label, NAME) + (f"  ·  {', '.join(marks)}" if marks else "")


def _reference(results: StudyResults) -> list[Mark]:
    mean, _, _ = results.interval_of(results.reference)
    return [Rule(x=mean, name="reference")] if math.isfinite(mean) else []


def _runs(results: StudyResults, labels: Sequence[str]) -> list[Mark]:
    """Single runs below their mean; rings for those that did not reach the goal."""
    runs: dict[bool, list[tuple[float, float, str, int]]] = {False: [], True: []}
    for row, label in enumerate(labels):
        goal, place = unreached(results, label), results.labels.index(label)
        for i, run in enumerate(results.runs_of(label)):
            value = measured(run, results.metric)
            if math.isfinite(value):
                missed = goal and run["ended"] != CONVERGED
                text = f"seed {run['seed']}" + (", not reached until then" if missed else "")
                runs[missed].append((value, row + 0.24 + 0.06 * ((i % 3) - 1), text, place))
    return [
        Dots(x, y, texts=texts, color="dots", size=5 if hollow else 4.5, hollow=hollow,
             combinations=places, name="not reached" if hollow else "single runs")
        for hollow, dots in runs.items()
        if dots
        for x, y, texts, places in [zip(*dots, strict=True)]
    ]  # fmt: skip


def _means(
    results: StudyResults, rows: Sequence[str], labels: Sequence[str], color: Color, least: float
) -> Dots:
    """Large dots with their intervals, whose ends below `least` have no place on the axis.

    What is read out of such an end stands in words.
    """
    means = [results.interval_of(label) for label in labels]
    return Dots(
        [mean for mean, _, _ in means],
        [rows.index(label) for label in labels],
        x_low=[max(low, least) if math.isfinite(low) else low for _, low, _ in means],
        x_high=[high for _, _, high in means],
        texts=[with_interval(mean) if mean[1] < least else "" for mean in means],
        color=color,
        size=8,
        combinations=[results.labels.index(label) for label in labels],
    )


def _notes(results: StudyResults, labels: Sequence[str]) -> list[Mark]:
    """What has no place on the axis, beside its row."""
    notes: list[Mark] = []
    for row, label in enumerate(labels):
        lost, of = results.diverged(label), len(results.runs_of(label))
        texts = [f"✕ {lost} of {of} diverged"] if lost else []
        if unreached(results, label):
            missed = of - results.endings(label)[CONVERGED] - lost
            texts += [f"○ {missed} of {of} not reached"] if missed else []
        if texts:
            notes.append(Note("\n".join(texts), row, "bad" if lost else "muted"))
    return notes


def _caption(results: StudyResults, labels: list[str]) -> str:
    missed = any(unreached(results, label) for label in labels)
    middle = mean_name(is_ratio(results.metric))
    if missed:
        middle = "geometric mean, or median where some did not reach the tolerance"
    text = (
        f"Small dots are single runs, the large dot is their {middle}, the bar its 95 % interval."
    )
    if results.about.get("single_seed"):
        text = "A single seed: each value is one run, without an interval."
    if missed:
        text += (
            " Rings are runs that did not reach it in all the epochs that they had: how many "
            "they need nobody knows."
        )
    if math.isfinite(results.interval_of(results.reference)[0]):
        text += " The dashed line is that of the reference combination."
    return text + _left_out(results) + _choice(results, labels)


def _left_out(results: StudyResults) -> str:
    with_value = sum(len(results.values_of(k, results.metric)) for k in results.labels)
    lost = sum(results.diverged(label) for label in results.labels)
    text = ""
    if lost:
        have = "has" if lost == 1 else "have"
        text += f" {count(lost, 'run')} diverged and {have} no value."
    # Runs that ended with curves of which the metric cannot be told: nothing was learnt.
    if without := len(results.runs) - lost - with_value:
        have = "has" if without == 1 else "have"
        text += f" {count(without, 'run')} ended otherwise and {have} none."
    return text


def _choice(results: StudyResults, labels: Sequence[str]) -> str:
    if len(labels) == len(results.labels):
        return ""
    return (
        f" Shown are {len(labels)} of {len(results.labels)} combinations by rank: the {BEST} best, "
        "and others down to the worst."
    )


def _in_words(results: StudyResults, label: str) -> str:
    known = results.means.get(label, {}).get("mean")
    value = with_interval(results.interval_of(label)) if known else "no value"
    return f"{short(label, NAME)}: {value}"
