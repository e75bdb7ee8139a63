"""The study's metric by combination: every run a dot, mean and interval, the reference."""

import math

from matplotlib.axes import Axes

from labbook.metrics import is_ratio
from labbook.report.figures.style import (
    DOTS,
    INK,
    MAIN,
    MUTED,
    PAPER,
    WARNING,
    Drawing,
    finish,
    new_figure,
    scale_axis,
    spans_widely,
)
from labbook.report.study_results import StudyResults, interval, value
from labbook.wording import count, digits, mean_name, metric_name, sentence, short

ROW = 0.34  # inches per combination
LABEL = 34  # characters
# Of more combinations than there is room for: the best, and some others down to the worst.
MOST_ROWS, BEST = 40, 25


def draw_metric(results: StudyResults) -> Drawing | None:
    """Draw one row per combination, of very many a choice; None where no run has a number."""
    labels = shown_labels(results)
    values = {label: results.values_of(label, results.metric) for label in labels}
    shown = [v for row in values.values() for v in row]
    if not shown:
        return None
    figure = new_figure(0.75 + ROW * len(values))
    axes = figure.subplots()
    logarithmic = spans_widely(shown)
    for place, label in enumerate(labels):
        _row(axes, results, label, place, values[label], logarithmic)
    _reference_line(axes, results)
    axes.set_ylim(len(values) - 0.4, -0.5)
    _margins(axes, shown, logarithmic)
    axes.set_yticks(range(len(values)), [_label(results, label) for label in labels])
    for text, label in zip(axes.get_yticklabels(), labels, strict=True):
        text.set_color(INK)
        text.set_fontweight("bold" if label == results.chosen else "normal")
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(metric_name(results.metric) + (" (logarithmic)" if logarithmic else ""))
    title = f"{sentence(metric_name(results.metric))} by combination"
    return finish(figure, "metric", title, _caption(results, labels), _alt(results, labels))


def shown_labels(results: StudyResults) -> list[str]:
    """All combinations in their order; of very many the best and some others, by rank."""
    if len(results.labels) <= MOST_ROWS:
        return results.labels
    last = len(results.ranked) - 1
    others = MOST_ROWS - BEST
    places = {BEST - 1 + round(i * (last - BEST + 1) / others) for i in range(1, others + 1)}
    always = (results.chosen, results.reference)
    return [
        label
        for place, label in enumerate(results.ranked)
        if place < BEST or place in places or label in always
    ]


def _row(
    axes: Axes, results: StudyResults, label: str, place: int, values: list[float], log: bool
) -> None:
    below = [place + 0.24 + 0.06 * ((i % 3) - 1) for i in range(len(values))]
    axes.scatter(values, below, s=11, color=DOTS, alpha=0.8, linewidths=0, zorder=2)
    mean, low, high = interval(results.means.get(label, {}))
    color = MAIN if label == results.chosen else INK
    if math.isfinite(low) and math.isfinite(high):
        low = max(low, min(values) / 3) if log else low  # an interval below 0 has no logarithm
        axes.plot([low, high], [place, place], color=color, lw=2.2, solid_capstyle="butt", zorder=3)
    if math.isfinite(mean):
        axes.scatter([mean], [place], s=34, color=color, edgecolors=PAPER, linewidths=1, zorder=4)
    lost = results.diverged(label)
    if lost:
        runs = len(results.runs_of(label))
        axes.annotate(
            f"✕ {lost} of {runs} diverged", (1, place), xycoords=("axes fraction", "data"),
            ha="right", va="center", color=WARNING, fontsize=7.5, zorder=5,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def _reference_line(axes: Axes, results: StudyResults) -> None:
    mean = value(results.means.get(results.reference, {}), "mean")
    if math.isfinite(mean):
        axes.axvline(mean, color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=1)


def _margins(axes: Axes, shown: list[float], logarithmic: bool) -> None:
    """Room at both sides of the dots and intervals."""
    axes.margins(x=0.06)
    if logarithmic:
        axes.set_xlim(min(shown) / 1.6, max(shown) * 1.6)
    scale_axis(axes, "x", logarithmic, ticks=7)


def _label(results: StudyResults, label: str) -> str:
    roles = {"best": results.chosen, "reference": results.reference}
    marks = [role for role, its_label in roles.items() if its_label == label]
    return short(label, LABEL) + (f"  ·  {', '.join(marks)}" if marks else "")


def _caption(results: StudyResults, labels: list[str]) -> str:
    spread = (
        f"Small dots are single runs, the large dot is their {_middle(results)}, "
        "the bar its 95 % interval."
    )
    if results.about.get("single_seed"):
        spread = "A single seed: each value is one run, without an interval."
    known = math.isfinite(value(results.means.get(results.reference, {}), "mean"))
    line = "The dashed line is that of the reference combination." if known else ""
    lost = sum(results.diverged(label) for label in results.labels)
    text = f"{spread} {line}".strip()
    if lost:
        text += f" {sentence(count(lost, 'run'))} diverged and {_have(lost)} no value."
    if without := _without_value(results):
        text += f" {sentence(count(without, 'run'))} ended otherwise and {_have(without)} none."
    if len(labels) < len(results.labels):
        text += (
            f" Shown are {len(labels)} of {len(results.labels)} combinations by rank: the {BEST} "
            "best, and others down to the worst."
        )
    return text


def _middle(results: StudyResults) -> str:
    if any(row.get("mark", "").startswith("median") for row in results.means.values()):
        return "geometric mean, or median where some did not reach the tolerance"
    return mean_name(is_ratio(results.metric))


def _without_value(results: StudyResults) -> int:
    """Runs that ended with curves of which the metric cannot be told: nothing was learnt."""
    with_value = sum(len(results.values_of(k, results.metric)) for k in results.labels)
    lost = sum(results.diverged(label) for label in results.labels)
    return len(results.runs) - lost - with_value


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def _alt(results: StudyResults, labels: list[str]) -> str:
    parts = []
    for label in labels:
        row = results.means.get(label, {})
        text = digits(*interval(row))
        known = f"{text.mean} ({text.low} to {text.high})" if row.get("mean") else "no value"
        parts.append(f"{short(label, 60)}: {known}")
    return f"{sentence(metric_name(results.metric))} with its interval. " + "; ".join(parts)
