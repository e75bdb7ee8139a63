"""The study's metric by combination: every run a dot, mean and interval, the reference."""

import math

from labbook.measures import is_ratio
from labbook.report.figures.axes import (
    LABEL,
    draw_mean,
    name_rows,
    note_at_end,
    spans_widely,
    value_axis,
)
from labbook.report.figures.style import (
    DOTS,
    INK,
    MAIN,
    MUTED,
    WARNING,
    Drawing,
    finish,
    new_figure,
)
from labbook.report.study_results import StudyResults
from labbook.wording import count, digits, mean_name, metric_name, sentence, short

ROW = 0.34  # inches per combination
# Of more combinations than there is room for: the best, and some others down to the worst.
MOST_ROWS, BEST = 40, 25


def draw_metric(results: StudyResults) -> Drawing | None:
    """Draw one row per combination, of very many a choice; None where no run has a number."""
    labels = shown_labels(results)
    values = {label: results.values_of(label, results.metric) for label in labels}
    every_value = [value for of_label in values.values() for value in of_label]
    if not every_value:
        return None
    figure = new_figure(0.75 + ROW * len(labels))
    axes = figure.subplots()
    logarithmic = spans_widely(every_value)
    for row, (label, of_label) in enumerate(values.items()):
        below = [row + 0.24 + 0.06 * ((i % 3) - 1) for i in range(len(of_label))]
        axes.scatter(of_label, below, s=11, color=DOTS, alpha=0.8, linewidths=0, zorder=2)
        least = min(of_label) / 3 if logarithmic and of_label else -math.inf
        color = MAIN if label == results.best else INK
        draw_mean(axes, row, results.interval_of(label), color, least)
        if lost := results.diverged(label):
            text = f"{lost} of {len(results.runs_of(label))} diverged"
            note_at_end(axes, row, text, WARNING)
    reference, _, _ = results.interval_of(results.reference)
    if math.isfinite(reference):
        axes.axvline(reference, color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)
    value_axis(axes, results.metric, every_value)
    name_rows(axes, [_row_name(results, label) for label in labels], 0.5)
    if results.best in labels:
        axes.get_yticklabels()[labels.index(results.best)].set_fontweight("bold")
    axes.spines["left"].set_visible(False)
    metric = sentence(metric_name(results.metric))
    words = "; ".join(_in_words(results, label) for label in labels)
    alt = f"{metric} with its interval. {words}"
    return finish(figure, f"{metric} by combination", _caption(results, labels), alt)


def shown_labels(results: StudyResults) -> list[str]:
    """All combinations in their order; of very many some by rank, with the reference."""
    labels = results.some_labels(MOST_ROWS, BEST)
    if len(labels) == len(results.labels):
        return labels
    always = (*labels, results.chosen, results.reference)
    return [label for label in results.ranked if label in always]


def _row_name(results: StudyResults, label: str) -> str:
    roles = {"best": results.best, "reference": results.reference}
    marks = [role for role, its_label in roles.items() if its_label == label]
    return short(label, LABEL) + (f"  ·  {', '.join(marks)}" if marks else "")


def _caption(results: StudyResults, labels: list[str]) -> str:
    middle = mean_name(is_ratio(results.metric))
    if any(row.get("mark", "").startswith("median") for row in results.means.values()):
        middle = "geometric mean, or median where some did not reach the tolerance"
    text = (
        f"Small dots are single runs, the large dot is their {middle}, the bar its 95 % interval."
    )
    if results.about.get("single_seed"):
        text = "A single seed: each value is one run, without an interval."
    if math.isfinite(results.interval_of(results.reference)[0]):
        text += " The dashed line is that of the reference combination."
    with_value = sum(len(results.values_of(k, results.metric)) for k in results.labels)
    lost = sum(results.diverged(label) for label in results.labels)
    if lost:
        have = "has" if lost == 1 else "have"
        text += f" {count(lost, 'run')} diverged and {have} no value."
    # Runs that ended with curves of which the metric cannot be told: nothing was learnt.
    if without := len(results.runs) - lost - with_value:
        have = "has" if without == 1 else "have"
        text += f" {count(without, 'run')} ended otherwise and {have} none."
    if len(labels) < len(results.labels):
        text += (
            f" Shown are {len(labels)} of {len(results.labels)} combinations by rank: the {BEST} "
            "best, and others down to the worst."
        )
    return text


def _in_words(results: StudyResults, label: str) -> str:
    text = digits(*results.interval_of(label))
    value = f"{text.mean} ({text.low} to {text.high})"
    return (
        f"{short(label, 60)}: {value if results.means.get(label, {}).get('mean') else 'no value'}"
    )
