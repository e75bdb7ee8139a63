"""Makes all figures of a study.

A new figure is a function from a study's results to a `Figure`, or None where it has nothing to
show, and one entry in `FIGURES`; the report shows them in this order.
"""

import json
from collections.abc import Callable
from pathlib import Path

from labbook.files import remove, write_bytes, write_json
from labbook.report.figures.chance import draw_chance
from labbook.report.figures.confusion import draw_confusion
from labbook.report.figures.curves import draw_curves
from labbook.report.figures.expected_best import draw_expected_best
from labbook.report.figures.figure import Figure, as_data
from labbook.report.figures.fit import draw_fit
from labbook.report.figures.importance import draw_importance
from labbook.report.figures.metric import draw_metric
from labbook.report.figures.permutation import draw_dependence, draw_permutation
from labbook.report.figures.predicted import draw_predicted
from labbook.report.figures.published import draw_published
from labbook.report.figures.rates import draw_rates
from labbook.report.figures.residuals import draw_residuals
from labbook.report.figures.style import Drawing, house_style
from labbook.report.paper.draw import page_files
from labbook.report.study_results import StudyResults, read_results

FIGURES: dict[str, Callable[[StudyResults], Figure | Drawing | None]] = {
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


ENDS = ("svg", "png", "json")


def draw(results: StudyResults) -> dict[str, Figure | Drawing]:
    """The figures, by name, that a study has something to show in."""
    with house_style():
        found = {name: made(results) for name, made in FIGURES.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


def draw_study(folder: Path) -> None:
    """Write figures/<name>.svg, .png and .json and figures/index.json into a study's folder.

    Figures that an earlier run drew and this one does not are removed; files that are none of
    `FIGURES` are the user's own, and stay. Raises `LabbookError` where a table is missing a column
    or a file cannot be written.
    """
    figures = draw(read_results(folder))
    target = Path(folder) / "figures"
    for name in FIGURES:
        for end in ENDS if name not in figures else ():
            remove(target / f"{name}.{end}")
    index = []
    for name, figure in figures.items():
        files = _write(figure, target, name)
        words = {"title": figure.title, "caption": figure.caption, "alt": figure.alt}
        index.append({"name": name, **words, **files})
    write_json(target / "index.json", index)


def _write(figure: Figure | Drawing, folder: Path, name: str) -> dict[str, str]:
    """Write the files of a figure; their names by their kinds."""
    if isinstance(figure, Drawing):
        contents = {"svg": figure.svg, "png": figure.png}
    else:
        svg, png = page_files(figure)
        data = json.dumps(as_data(figure), ensure_ascii=False, separators=(",", ":"))
        contents = {"svg": svg, "png": png, "json": data.encode()}
    for end, content in contents.items():
        write_bytes(folder / f"{name}.{end}", content)
    return {end: f"{name}.{end}" for end in contents}
