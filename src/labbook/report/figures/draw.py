"""Draws all figures of a study.

A new figure is a function from a study's results to a `Drawing`, or None where it has nothing to
show, and one entry in `FIGURES`; the report shows them in this order.
"""

from collections.abc import Callable
from pathlib import Path

from labbook.files import remove, write_bytes, write_json
from labbook.report.figures.chance import draw_chance
from labbook.report.figures.confusion import draw_confusion
from labbook.report.figures.curves import draw_curves
from labbook.report.figures.expected_best import draw_expected_best
from labbook.report.figures.fit import draw_fit
from labbook.report.figures.importance import draw_importance
from labbook.report.figures.metric import draw_metric
from labbook.report.figures.permutation import draw_dependence, draw_permutation
from labbook.report.figures.predicted import draw_predicted
from labbook.report.figures.published import draw_published
from labbook.report.figures.rates import draw_rates
from labbook.report.figures.residuals import draw_residuals
from labbook.report.figures.style import Drawing, house_style
from labbook.report.study_results import StudyResults, read_results

FIGURES: dict[str, Callable[[StudyResults], Drawing | None]] = {
    "chance": draw_chance,
    "metric": draw_metric,
    "published": draw_published,
    "expected_best": draw_expected_best,
    "importance": draw_importance,
    "curves": draw_curves,
    "predicted": draw_predicted,
    "residuals": draw_residuals,
    "fit": draw_fit,
    "confusion": draw_confusion,
    "rates": draw_rates,
    "permutation": draw_permutation,
    "dependence": draw_dependence,
}


def draw(results: StudyResults) -> dict[str, Drawing]:
    """The figures, by name, that a study has something to show in."""
    with house_style():
        drawings = {name: drawn(results) for name, drawn in FIGURES.items()}
    return {name: drawing for name, drawing in drawings.items() if drawing is not None}


def draw_study(folder: Path) -> None:
    """Write figures/*.svg, figures/*.png and figures/index.json into a study's results folder.

    Figures that an earlier run drew and this one does not are removed; files that are none of
    `FIGURES` are the user's own, and stay. Raises `LabbookError` where a table is missing a column
    or a file cannot be written.
    """
    drawings = draw(read_results(folder))
    target = Path(folder) / "figures"
    for name in FIGURES:
        if name not in drawings:
            remove(target / f"{name}.svg")
            remove(target / f"{name}.png")
    index = []
    for name, drawing in drawings.items():
        write_bytes(target / f"{name}.svg", drawing.svg)
        write_bytes(target / f"{name}.png", drawing.png)
        words = {"title": drawing.title, "caption": drawing.caption, "alt": drawing.alt}
        index.append({"name": name, **words, "svg": f"{name}.svg", "png": f"{name}.png"})
    write_json(target / "index.json", index)
