"""A figure of each of the six steps of a tuning, from the step's rows.

A new figure is a function from what the step's file has to a `Figure`, or None where there is
nothing to show, and an entry in `FIGURES`.
"""

from collections.abc import Callable, Sequence

from labbook.report.figures.figure import Figure
from labbook.report.tuning.curves import curves_figure
from labbook.report.tuning.grids import finalists_figure, fine_figure, grid_of_decays_figure
from labbook.report.tuning.losses import initial_loss_figure, rate_figure, tiny_sample_figure
from labbook.report.tuning.search_figures import SEARCH_FIGURES
from labbook.report.tuning.step_rows import Step

FIGURES: dict[str, Callable[[Step], Figure | None]] = {
    "initial-loss": initial_loss_figure,
    "tiny-sample": tiny_sample_figure,
    "rate": rate_figure,
    "coarse": grid_of_decays_figure,
    "fine": fine_figure,
    "finalists": finalists_figure,
    "curves": curves_figure,
    **SEARCH_FIGURES,
}


def figures_of(steps: Sequence[Step]) -> dict[str, Figure]:
    """The figures of the steps that were reached, by the name of the step."""
    drawn = {}
    for step in steps:
        figure = FIGURES[step["step"]](step) if step["step"] in FIGURES else None
        if figure is not None:
            drawn[step["step"]] = figure
    return drawn
