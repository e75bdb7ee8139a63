"""Drawn settings against the metric: where in their ranges combinations do well."""

import math
from collections.abc import Sequence

from labbook.report.figures.axes import axis_of, beyond
from labbook.report.figures.figure import Axis, Color, Dots, Figure, Panel
from labbook.report.figures.settings import Setting, by_importance, interval_alone, varied_settings
from labbook.report.study_results import StudyResults
from labbook.wording import count, listing, metric_name, plain, sentence

FEWEST = 12  # combinations
MOST_PANELS, COLUMNS = 6, 3
# Of few kinds: colours that differ in lightness as well.
COLORS: tuple[Color, ...] = ("main", "second", "dots", "muted", "bad")


def scatter_figure(results: StudyResults) -> Figure | None:
    """A panel for each of at most six settings that were drawn from a range, by importance.

    Dots have the colour of the most important setting that has no panel; where all have one, of the
    most important other one. None where no number was drawn from a range or fewer than twelve
    combinations have a value.
    """
    settings = by_importance(results, varied_settings(results))
    drawn = [one for one in settings if one.scale and one.numeric][:MOST_PANELS]
    known = [
        i for i, label in enumerate(results.labels) if math.isfinite(results.interval_of(label)[0])
    ]
    if not drawn or len(known) < FEWEST:
        return None
    means = [results.interval_of(results.labels[i])[0] for i in known]
    metric = metric_name(results.metric)
    y = axis_of(metric, means, switch=min(means) > 0)
    other = next((one for one in settings if one not in drawn), settings[0])
    panels = [
        Panel(_dots(results, one, None if one is other else other, known), x=_axis(one), y=y)
        for one in drawn
    ]
    words = listing(plain(one.name) for one in drawn)
    return Figure(
        f"{sentence(metric)} over {words}",
        _caption(results, other, len(known)) + beyond(y, means),
        f"Scatter of the mean {metric} of {count(len(known), 'combination')} over {words}.",
        panels,
        columns=min(len(panels), COLUMNS),
        height=3.0 if len(panels) == 1 else 2.4,
        share_y=True,
        legend=dict(zip(other.names, COLORS, strict=False)) if _few(other) else None,
    )


def _few(setting: Setting) -> bool:
    """Whether each value can have a colour of its own."""
    return len(setting.values) <= len(COLORS)


def _axis(setting: Setting) -> Axis:
    return Axis(plain(setting.name), log=setting.log)


def _dots(
    results: StudyResults, setting: Setting, other: Setting | None, known: Sequence[int]
) -> list[Dots]:
    """All dots at once, shaded by a number; or those of each of few kinds in a colour."""
    if other is None or not _few(other):
        shaded = other is not None and other.numeric
        return [_some(results, setting, known, shades=other.shades if other and shaded else ())]
    return [
        _some(
            results, setting, [i for i in known if other.places[i] == place], name=name, color=color
        )
        for place, (name, color) in enumerate(zip(other.names, COLORS, strict=False))
        if any(other.places[i] == place for i in known)
    ]


def _some(
    results: StudyResults, setting: Setting, chosen: Sequence[int], *, name: str = "",
    color: Color = "main", shades: Sequence[float] = (),
) -> Dots:  # fmt: skip
    intervals = [results.interval_of(results.labels[i]) for i in chosen]
    return Dots(
        [setting.numbers[i] for i in chosen], [mean for mean, _, _ in intervals],
        texts=[interval_alone(one) for one in intervals], name=name, color=color,
        shades=[shades[i] for i in chosen] if shades else (), combinations=list(chosen),
    )  # fmt: skip


def _caption(results: StudyResults, other: Setting, known: int) -> str:
    text = (
        f"Each dot is the mean of a combination over {count(len(results.about['seeds']), 'seed')}."
    )
    if _few(other):
        text += f" Colours are values of {plain(other.name)}."
    elif other.numeric:
        text += f" The darker, the larger {plain(other.name)}."
    if lost := len(results.labels) - known:
        text += f" {count(lost, 'combination')} without a value cannot be shown."
    return text
