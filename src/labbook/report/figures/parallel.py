"""Many combinations of several settings at once: a line for each, from setting to setting."""

import math

from labbook.measures import higher_is_better
from labbook.report.figures.axes import spans_widely
from labbook.report.figures.figure import Axis, Figure, Panel, Parallel
from labbook.report.figures.settings import Setting, by_importance, varied_settings, with_interval
from labbook.report.study_results import StudyResults
from labbook.wording import count, listing, metric_name, plain

FEWEST_SETTINGS, FEWEST = 3, 12  # settings, combinations
MANY_VALUES = 8  # numbers that have an axis of their own; fewer stand by name


def parallel_figure(results: StudyResults) -> Figure | None:
    """A line per combination through its values, the darker the better, the metric at the end.

    The most important setting stands beside the metric. None where fewer than three settings vary
    or fewer than twelve combinations have a value.
    """
    settings = by_importance(results, varied_settings(results))[::-1]
    ranked = [label for label in results.ranked if math.isfinite(results.interval_of(label)[0])]
    if len(settings) < FEWEST_SETTINGS or len(ranked) < FEWEST:
        return None
    shown = ranked[::-1]  # the best last, over the others
    places = [results.labels.index(label) for label in shown]
    intervals = [results.interval_of(label) for label in shown]
    means = [mean for mean, _, _ in intervals]
    metric = metric_name(results.metric)
    lines = Parallel(
        axes=[*map(_axis, settings), Axis(metric, log=spans_widely(means))],
        values=[*([_values(one)[i] for i in places] for one in settings), means],
        combinations=places,
        shades=[rank / (len(shown) - 1) for rank in range(len(shown))],
        texts=[with_interval(one) for one in intervals],
    )
    better = "higher" if higher_is_better(results.metric) else "lower"
    lost = len(results.labels) - len(shown)
    missing = f" {count(lost, 'combination')} without a value cannot be shown." if lost else ""
    return Figure(
        "All settings at once",
        f"A line is a combination: it passes each axis at its value and ends at its mean {metric}. "
        f"The darker, the better its rank ({better} is better).{missing}",
        f"Parallel coordinates of {count(len(shown), 'combination')} over "
        f"{listing(plain(one.name) for one in settings)} and {metric}.",
        [Panel([lines])],
        height=3.2,
    )


def _by_name(setting: Setting) -> bool:
    return not setting.numeric or len(setting.values) < MANY_VALUES


def _axis(setting: Setting) -> Axis:
    label = plain(setting.name).replace(".", " ")  # which can be folded
    return Axis(label, names=setting.names) if _by_name(setting) else Axis(label, log=setting.log)


def _values(setting: Setting) -> list[float]:
    return list(map(float, setting.places)) if _by_name(setting) else setting.numbers
