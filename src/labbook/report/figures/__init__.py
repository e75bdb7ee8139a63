"""Figures from tables, byte-equal for equal input.

A new figure is a function from a study's results to a `Drawing`, or None where it has nothing to
show, and one entry here; the report shows them in this order.
"""

from collections.abc import Callable

from labbook.report.figures.confusion import draw_confusion
from labbook.report.figures.curves import draw_curves
from labbook.report.figures.fit import draw_fit
from labbook.report.figures.importance import draw_importance
from labbook.report.figures.metric import draw_metric
from labbook.report.figures.predicted import draw_predicted
from labbook.report.figures.published import draw_published
from labbook.report.figures.style import Drawing
from labbook.report.study_results import StudyResults

FIGURES: dict[str, Callable[[StudyResults], Drawing | None]] = {
    "metric": draw_metric,
    "published": draw_published,
    "importance": draw_importance,
    "curves": draw_curves,
    "predicted": draw_predicted,
    "fit": draw_fit,
    "confusion": draw_confusion,
}
