"""Values of a source beside ours: how much one run says."""

import math

from matplotlib.axes import Axes

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
    MAIN,
    MUTED,
    PAPER,
    SECOND,
    WARNING,
    Drawing,
    finish,
    new_figure,
)
from labbook.report.published import PublishedValues, published_values
from labbook.report.study_results import StudyResults
from labbook.wording import count, digits, listing, metric_name, number, plain, short

ROW = 0.42  # inches per combination


def draw_published(results: StudyResults) -> Drawing | None:
    """Draw a panel per metric with a row per combination; None where no source gives values."""
    published = published_values(results)
    if not published:
        return None
    panels: dict[str, list[PublishedValues]] = {}
    for values in published:
        panels.setdefault(values.metric, []).append(values)
    heights = [0.5 + len(rows) for rows in panels.values()]
    figure = new_figure(0.3 + 0.45 * len(panels) + ROW * sum(heights))
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (metric, rows) in zip(grid, panels.items(), strict=True):
        every_value = [value for row in rows for value in (*row.runs, *row.finite)]
        logarithmic = spans_widely(every_value)
        for place, row in enumerate(rows):
            if row.runs:
                _draw_ours(axes, row, place, logarithmic)
            _draw_theirs(axes, row, place)
        name_rows(axes, [short(row.combination, LABEL) for row in rows], 0.65)
        value_axis(axes, metric, every_value)
        axes.spines["left"].set_visible(False)
    alt = "; ".join(map(_in_words, published)) + "."
    return finish(figure, "How much one run says", _caption(published), alt)


def _draw_ours(axes: Axes, row: PublishedValues, place: int, logarithmic: bool) -> None:
    """Single runs from the least to the largest, and the mean with its interval."""
    axes.plot(
        [min(row.runs), max(row.runs)], [place, place],
        color=DOTS, alpha=0.45, lw=7, solid_capstyle="round", zorder=2,
    )  # fmt: skip
    axes.scatter(row.runs, [place] * len(row.runs), s=9, color=DOTS, linewidths=0, zorder=3)
    draw_mean(axes, place, row.mean, MAIN, min(row.runs) / 3 if logarithmic else -math.inf)


def _draw_theirs(axes: Axes, row: PublishedValues, place: int) -> None:
    """A diamond per value, numbered by its set where there are several; what diverged in words."""
    several = len(row.values) > 1
    diverged = []
    for set_number, value in enumerate(row.values, 1):
        if not math.isfinite(value):
            diverged.append(str(set_number))
            continue
        axes.scatter(
            [value], [place], s=40, marker="D", facecolors=PAPER, edgecolors=SECOND,
            linewidths=1.6, zorder=6,
        )  # fmt: skip
        if several:
            axes.annotate(
                str(set_number), (value, place), xytext=(0, 6.5), textcoords="offset points",
                ha="center", va="bottom", fontsize=7.5, color=SECOND, zorder=6,
            )  # fmt: skip
    notes = []
    if diverged:
        notes.append(f"reported{f' set {listing(diverged)}' if several else ''}: diverged")
    if row.diverged:
        notes.append(f"{row.diverged} of {row.diverged + len(row.runs)} runs diverged")
    if notes:
        note_at_end(axes, place, "; ".join(notes), WARNING if row.diverged else MUTED)


def _caption(published: list[PublishedValues]) -> str:
    outside = sum(row.outside for row in published)
    total = sum(len(row.finite) for row in published if row.runs)
    several = any(len(row.values) > 1 for row in published)
    numbered = ", numbered by set where there are two or more" if several else ""
    beyond = f" {outside} of {total} lie outside the range of our runs." if total else ""
    sources = listing(dict.fromkeys(plain(row.source) for row in published))
    return (
        "The pale band reaches from the least to the largest of our single runs (small dots), "
        "the dark bar is the 95 % interval of their mean (large dot). Diamonds are the figures "
        f"that were reported{numbered}.{beyond} Reported by: {sources}."
    )


def _in_words(row: PublishedValues) -> str:
    theirs = listing(number(v) if math.isfinite(v) else "diverged" for v in row.values)
    text = f"{short(row.combination, 60)}, {metric_name(row.metric)}: reported {theirs}"
    if not row.runs:
        return f"{text}; none of our runs has a value"
    ours = digits(*row.mean)
    return (
        f"{text}; ours {ours.mean} ({ours.interval}), {count(len(row.runs), 'single run')} from "
        f"{number(min(row.runs))} to {number(max(row.runs))}"
    )
