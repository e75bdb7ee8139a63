"""Figures of a source beside ours: how much one run says."""

import math

from matplotlib.axes import Axes

from labbook.report.figures.style import (
    DOTS,
    INK,
    MAIN,
    MUTED,
    PAPER,
    SECOND,
    WARNING,
    Drawing,
    finish,
    new_figure,
    scale_axis,
    spans_widely,
)
from labbook.report.reported import Reported, reported_figures
from labbook.report.study_results import StudyResults
from labbook.wording import count, digits, listing, metric_name, number, plain, short

ROW = 0.42  # inches per combination
LABEL = 34  # characters


def draw_published(results: StudyResults) -> Drawing | None:
    """Draw a panel per metric with a row per combination; None where no source gives figures."""
    figures = reported_figures(results)
    if not figures:
        return None
    panels = {one.metric: [o for o in figures if o.metric == one.metric] for one in figures}
    heights = [0.5 + len(rows) for rows in panels.values()]
    figure = new_figure(0.3 + 0.45 * len(panels) + ROW * sum(heights))
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (metric, rows) in zip(grid, panels.items(), strict=True):
        _panel(axes, metric, rows)
    title = "How much one run says"
    return finish(figure, "published", title, _caption(figures), _alt(figures))


def _panel(axes: Axes, metric: str, rows: list[Reported]) -> None:
    shown = [v for row in rows for v in (*row.runs, *row.finite)]
    logarithmic = spans_widely(shown)
    for place, row in enumerate(rows):
        _ours(axes, row, place, logarithmic)
        _theirs(axes, row, place)
        _lost(axes, row, place)
    axes.set_ylim(len(rows) - 0.4, -0.65)
    axes.margins(x=0.06)
    if logarithmic:
        axes.set_xlim(min(shown) / 1.6, max(shown) * 1.6)
    scale_axis(axes, "x", logarithmic, ticks=7)
    axes.set_yticks(range(len(rows)), [short(row.combination, LABEL) for row in rows])
    for text in axes.get_yticklabels():
        text.set_color(INK)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(metric_name(metric) + (" (logarithmic)" if logarithmic else ""))


def _ours(axes: Axes, row: Reported, place: int, logarithmic: bool) -> None:
    """Single runs from the least to the largest, and the mean with its interval."""
    if not row.runs:
        return
    axes.plot(
        [min(row.runs), max(row.runs)], [place, place],
        color=DOTS, alpha=0.45, lw=7, solid_capstyle="round", zorder=2,
    )  # fmt: skip
    axes.scatter(row.runs, [place] * len(row.runs), s=9, color=DOTS, linewidths=0, zorder=3)
    if math.isfinite(row.low) and math.isfinite(row.high):
        low = max(row.low, min(row.runs) / 3) if logarithmic else row.low
        axes.plot(
            [low, row.high], [place, place], color=MAIN, lw=2.2, solid_capstyle="butt", zorder=4
        )
    if math.isfinite(row.mean):
        axes.scatter(
            [row.mean], [place], s=34, color=MAIN, edgecolors=PAPER, linewidths=1, zorder=5
        )


def _theirs(axes: Axes, row: Reported, place: int) -> None:
    """A diamond per reported figure, numbered by its set where there are several."""
    for number_of, given in enumerate(row.values, 1):
        if not math.isfinite(given):
            continue
        axes.scatter(
            [given], [place], s=40, marker="D", facecolors=PAPER, edgecolors=SECOND,
            linewidths=1.6, zorder=6,
        )  # fmt: skip
        if len(row.values) > 1:
            axes.annotate(
                str(number_of), (given, place), xytext=(0, 6.5), textcoords="offset points",
                ha="center", va="bottom", fontsize=7.5, color=SECOND, zorder=6,
            )  # fmt: skip


def _lost(axes: Axes, row: Reported, place: int) -> None:
    """What diverged has no place on the axis and is said at its end."""
    parts = []
    if row.reported_diverged:
        sets = f" set {listing(map(str, row.reported_diverged))}" if len(row.values) > 1 else ""
        parts.append(f"reported{sets}: diverged")
    if row.diverged:
        parts.append(f"{row.diverged} of {row.diverged + len(row.runs)} runs diverged")
    if parts:
        axes.annotate(
            "✕ " + "; ".join(parts), (1, place), xycoords=("axes fraction", "data"),
            ha="right", va="center", color=WARNING if row.diverged else MUTED, fontsize=7.5,
            zorder=7, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def _caption(figures: list[Reported]) -> str:
    outside = sum(row.outside for row in figures)
    total = sum(len(row.finite) for row in figures if row.runs)
    several = any(len(row.values) > 1 for row in figures)
    numbered = ", numbered by set where there are two or more" if several else ""
    beyond = f" {outside} of {total} lie outside the range of our runs." if total else ""
    sources = listing(dict.fromkeys(plain(row.source) for row in figures))
    return (
        "The pale band reaches from the least to the largest of our single runs (small dots), "
        "the dark bar is the 95 % interval of their mean (large dot). Diamonds are the figures "
        f"that were reported{numbered}.{beyond} Reported by: {sources}."
    )


def _alt(figures: list[Reported]) -> str:
    return "; ".join(_words(row) for row in figures) + "."


def _words(row: Reported) -> str:
    given = listing(number(v) if math.isfinite(v) else "diverged" for v in row.values)
    name = f"{short(row.combination, 60)}, {metric_name(row.metric)}: reported {given}"
    if not row.runs:
        return f"{name}; none of our runs has a value"
    text = digits(row.mean, row.low, row.high)
    return (
        f"{name}; ours {text.mean} ({text.interval}), {count(len(row.runs), 'single run')} from "
        f"{number(min(row.runs))} to {number(max(row.runs))}"
    )
