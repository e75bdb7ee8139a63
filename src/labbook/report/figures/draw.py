"""Makes all figures of a study.

A new figure is a function from a study's results to a `Figure`, or None where it has nothing to
show, and one entry in `FIGURES`; the report shows them in this order.
"""

import json
from collections.abc import Callable
from pathlib import Path

from labbook.files import remove, write_bytes, write_json
from labbook.report.figures.chance import chance_figure
from labbook.report.figures.confusion import confusion_figure
from labbook.report.figures.curves import curves_figure
from labbook.report.figures.effects import axes_figure
from labbook.report.figures.ends import ends_figure
from labbook.report.figures.expected_best import expected_best_figure
from labbook.report.figures.features import features_figure
from labbook.report.figures.figure import Figure, as_data
from labbook.report.figures.fit import fit_figure
from labbook.report.figures.grid import grid_figure
from labbook.report.figures.importance import importance_figure
from labbook.report.figures.metric import metric_figure
from labbook.report.figures.mistaken import mistaken_figure
from labbook.report.figures.parallel import parallel_figure
from labbook.report.figures.permutation import dependence_figure, permutation_figure
from labbook.report.figures.predicted import predicted_figure
from labbook.report.figures.published import published_figure
from labbook.report.figures.rates import rates_figure
from labbook.report.figures.residuals import residuals_figure
from labbook.report.figures.scatter import scatter_figure
from labbook.report.paper.draw import page_files
from labbook.report.study_results import StudyResults, read_results

FIGURES: dict[str, Callable[[StudyResults], Figure | None]] = {
    "chance": chance_figure,
    "metric": metric_figure,
    "published": published_figure,
    "expected_best": expected_best_figure,
    "grid": grid_figure,
    "importance": importance_figure,
    "axes": axes_figure,
    "scatter": scatter_figure,
    "parallel": parallel_figure,
    "curves": curves_figure,
    "ends": ends_figure,
    "predicted": predicted_figure,
    "residuals": residuals_figure,
    "fit": fit_figure,
    "confusion": confusion_figure,
    "mistaken": mistaken_figure,
    "rates": rates_figure,
    "features": features_figure,
    "permutation": permutation_figure,
    "dependence": dependence_figure,
}


ENDS = ("svg", "png", "json")


def figures_of(results: StudyResults) -> dict[str, Figure]:
    """The figures, by name, that a study has something to show in."""
    found = {name: made(results) for name, made in FIGURES.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


def draw_study(folder: Path) -> None:
    """Write figures/<name>.svg, .png and .json and figures/index.json into a study's folder.

    Figures that an earlier run drew and this one does not are removed; files that are none of
    `FIGURES` are the user's own, and stay. Raises `LabbookError` where a table is missing a column
    or a file cannot be written.
    """
    figures = figures_of(read_results(folder))
    target = Path(folder) / "figures"
    for name in FIGURES:
        for end in ENDS if name not in figures else ():
            remove(target / f"{name}.{end}")
    index = []
    for name, figure in figures.items():
        files = write_figure(figure, target, name)
        words = {"title": figure.title, "caption": figure.caption, "alt": figure.alt}
        index.append({"name": name, **words, **files})
    write_json(target / "index.json", index)


def write_figure(figure: Figure, folder: Path, name: str) -> dict[str, str]:
    """Write the files of a figure; their names by their kinds."""
    svg, png = page_files(figure)
    data = json.dumps(as_data(figure), ensure_ascii=False, separators=(",", ":"))
    contents = {"svg": svg, "png": png, "json": data.encode()}
    for end, content in contents.items():
        write_bytes(folder / f"{name}.{end}", content)
    return {end: f"{name}.{end}" for end in contents}
