"""Values of a source beside ours: how much one run says."""

import math

from labbook.report.figures.axes import spans_widely
from labbook.report.figures.figure import Axis, Dots, Figure, Mark, Note, Panel
from labbook.report.figures.settings import with_interval
from labbook.report.published import PublishedValues, published_values
from labbook.report.study_results import StudyResults
from labbook.wording import count, listing, metric_name, number, plain, short

ROW, MORE = 0.42, 0.8  # inches per combination, and of all else in a panel
NAME = 60  # characters of a row's name


def published_figure(results: StudyResults) -> Figure | None:
    """A panel per metric with a row per combination; None where no source gives values."""
    published = published_values(results)
    if not published:
        return None
    panels: dict[str, list[PublishedValues]] = {}
    for values in published:
        panels.setdefault(values.metric, []).append(values)
    return Figure(
        "How much one run says",
        _caption(published),
        "; ".join(map(_in_words, published)) + ".",
        [_panel(results, metric, rows) for metric, rows in panels.items()],
        height=MORE + ROW * len(published) / len(panels),
    )


def _panel(results: StudyResults, metric: str, rows: list[PublishedValues]) -> Panel:
    every = [value for row in rows for value in (*row.runs, *row.finite)]
    log = spans_widely(every)
    marks: list[Mark] = []
    for place, row in enumerate(rows):
        combination = results.labels.index(row.combination)
        if row.runs:
            marks += _ours(row, place, combination, min(row.runs) / 3 if log else -math.inf)
        marks += _theirs(row, place, combination)
    names = Axis(
        names=[short(row.combination, NAME) for row in rows],
        combinations=[results.labels.index(row.combination) for row in rows],
    )
    return Panel(marks, Axis(metric_name(metric), log=log), names)


def _ours(row: PublishedValues, place: int, combination: int, least: float) -> list[Mark]:
    """Single runs, and over them the mean with its interval."""
    mean, low, high = row.mean
    runs = Dots(
        row.runs, [place + 0.22] * len(row.runs), color="dots", size=4.5, combination=combination,
        name="our runs",
    )  # fmt: skip
    said = f"ours: {with_interval(row.mean)}" if low < least else "ours"
    middle = Dots(
        [mean], [place], x_low=[max(low, least) if math.isfinite(low) else low], x_high=[high],
        texts=[said], size=8, combination=combination,
    )  # fmt: skip
    return [runs, middle]


def _theirs(row: PublishedValues, place: int, combination: int) -> list[Mark]:
    """A ring per value; what diverged in words."""
    several = len(row.values) > 1
    sets = {i: value for i, value in enumerate(row.values, 1) if math.isfinite(value)}
    texts = [f"reported{f', set {i}' if several else ''}: {number(v)}" for i, v in sets.items()]
    marks: list[Mark] = []
    if sets:
        marks.append(
            Dots([*sets.values()], [place - 0.24] * len(sets), texts=texts, color="second", size=7,
                 hollow=True, combination=combination, name="reported")
        )  # fmt: skip
    diverged = [str(i) for i in range(1, len(row.values) + 1) if i not in sets]
    notes = []
    if diverged:
        notes.append(f"✕ reported{f' set {listing(diverged)}' if several else ''}: diverged")
    if row.diverged:
        notes.append(f"✕ {row.diverged} of {row.diverged + len(row.runs)} runs diverged")
    if notes:
        marks.append(Note("\n".join(notes), place, "bad" if row.diverged else "muted"))
    return marks


def _caption(published: list[PublishedValues]) -> str:
    outside = sum(row.outside for row in published)
    total = sum(len(row.finite) for row in published if row.runs)
    beyond = f" {outside} of {total} lie outside the range of our runs." if total else ""
    sources = listing(dict.fromkeys(plain(row.source) for row in published))
    return (
        "Small dots are our single runs, the dark bar is the 95 % interval of their mean (large "
        f"dot). Rings above are the figures that were reported.{beyond} Reported by: {sources}."
    )


def _in_words(row: PublishedValues) -> str:
    theirs = listing(number(v) if math.isfinite(v) else "diverged" for v in row.values)
    text = f"{short(row.combination, 60)}, {metric_name(row.metric)}: reported {theirs}"
    if not row.runs:
        return f"{text}; none of our runs has a value"
    return (
        f"{text}; ours {with_interval(row.mean)}, {count(len(row.runs), 'single run')} from "
        f"{number(min(row.runs))} to {number(max(row.runs))}"
    )
