"""What each value of a setting gives, on average and in each combination with it."""

import math
from statistics import fmean, geometric_mean
from typing import TYPE_CHECKING

from labbook.measures import is_ratio
from labbook.report.figures.axes import axis_of, beyond
from labbook.report.figures.figure import Axis, Dots, Figure, Mark, Panel, Rule
from labbook.report.figures.settings import (
    Setting,
    by_importance,
    interval_alone,
    varied_settings,
    with_interval,
)
from labbook.report.study_results import StudyResults
from labbook.wording import count, metric_name, plain, short

if TYPE_CHECKING:
    import pandas as pd

MOST_PANELS = 6
COLUMNS, LETTERS = 3, 24  # panels in a row; letters under one of them
SPREAD = 0.26  # of a place, over which the dots of its combinations lie beside each other
MEAN, SINGLE = "mean of all of them", "a combination"


def axes_figure(results: StudyResults) -> Figure | None:
    """A panel for each of at most six settings that vary with others, the most important first.

    None where fewer than two vary, where they were listed one by one, so that a mean over the
    others would not compare like with like, or where all have more than twelve values.
    """
    table = results.frame("marginals", "mean", "low", "high", "combinations")
    table = table[table["metric"] == results.metric]
    settings = [one for one in varied_settings(results) if (table["setting"] == one.name).any()]
    if not settings or not table["mean"].notna().any():
        return None
    shown = by_importance(results, settings)[:MOST_PANELS]
    means = [results.interval_of(label)[0] for label in results.labels]
    finite = [mean for mean in means if math.isfinite(mean)]
    middle = fmean(finite)
    if is_ratio(results.metric) and min(finite) > 0:  # as the means of its values
        middle = geometric_mean(finite)
    y = axis_of(metric_name(results.metric), finite)
    tables = [table[table["setting"] == one.name] for one in shown]
    panels = [
        _panel(results, one, rows, y, middle) for one, rows in zip(shown, tables, strict=True)
    ]
    return Figure(
        f"Effect of each setting on the {metric_name(results.metric)}",
        _caption(results, tables[0], len(settings) - len(shown)) + beyond(y, finite),
        " ".join(map(_in_words, shown, tables)),
        panels,
        columns=min(len(panels), COLUMNS if _short(shown) else COLUMNS - 1),
        height=2.4,
        share_y=True,
    )


def _short(settings: list[Setting]) -> bool:
    """Whether the values' names have room under panels in three columns."""
    return all(sum(map(len, one.names)) + len(one.names) <= LETTERS for one in settings)


def _panel(
    results: StudyResults, setting: Setting, rows: "pd.DataFrame", y: Axis, middle: float
) -> Panel:
    """Single combinations left and right of their value's place, their mean in the middle."""
    marks: list[Mark] = [Rule(y=middle, name="mean of all combinations")]
    marks.append(_singles(results, setting))
    places = [setting.values.index(value) for value in rows["value"]]
    marks.append(
        Dots(
            places, rows["mean"].tolist(), y_low=rows["low"].tolist(), y_high=rows["high"].tolist(),
            texts=[f"mean of {count(int(n), 'combination')}" for n in rows["combinations"]],
            name=MEAN, size=8,
        )
    )  # fmt: skip
    return Panel(marks, x=setting.axis, y=y)


def _singles(results: StudyResults, setting: Setting) -> Dots:
    """A small dot for each combination that has a mean, beside those of the same value."""
    known, x = [], []
    for place in range(len(setting.values)):
        members = [
            i
            for i, label in enumerate(results.labels)
            if setting.places[i] == place and math.isfinite(results.interval_of(label)[0])
        ]
        step = 2 * SPREAD / max(len(members) - 1, 1)
        known += members
        x += [place - SPREAD + step * i if len(members) > 1 else place for i in range(len(members))]
    intervals = [results.interval_of(results.labels[i]) for i in known]
    return Dots(
        x, [mean for mean, _, _ in intervals], texts=[interval_alone(one) for one in intervals],
        name=SINGLE, color="dots", size=4, combinations=known,
    )  # fmt: skip


def _caption(results: StudyResults, rows: "pd.DataFrame", left_out: int) -> str:
    """What a mean is over, by the rows of one setting: without it a mean cannot be read."""
    crossed = rows["over"].iloc[0] == "seeds"
    without = len(results.labels) - int(rows["combinations"].sum())
    text = (
        "Large dots are means over all combinations with a value, whatever else they vary, with "
        f"95 % intervals over {'seeds' if crossed else 'these combinations'}; small dots are the "
        "combinations, the dashed line is the mean of all. "
    )
    if not crossed:
        text += (
            "Combinations were drawn: those of one value differ in all else from those of another, "
            "which the intervals allow for."
        )
    elif without:
        text += (
            "Each value was to meet the same values of the other settings; means of those that "
            "lack some of them are not alike in all else."
        )
    else:
        text += (
            "Each value meets the same values of the other settings, so means are alike in all "
            "else."
        )
    if without:
        have = "has" if without == 1 else "have"
        missed = " or missed the goal," if results.metric == "epochs" and not crossed else ""
        text += f" {count(without, 'combination')} {have} no value{missed} and no part in any mean."
    if left_out:
        text += f" {count(left_out, 'more setting')} not shown: the least important."
    return text


def _in_words(setting: Setting, rows: "pd.DataFrame") -> str:
    means = (
        f"{short(row.value, 30)} {with_interval((row.mean, row.low, row.high))}"
        for row in rows.itertuples()
    )
    return f"{plain(setting.name)}: {'; '.join(means)}."
