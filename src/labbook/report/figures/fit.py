"""The fit over x, where the model has a single input: the curve, and what it was learnt from."""

from typing import TYPE_CHECKING

import numpy as np

from labbook.report.figures.figure import Axis, Dots, Figure, Line, Mark, Panel
from labbook.report.figures.predicted import head
from labbook.report.study_results import StudyResults
from labbook.wording import listing, short

if TYPE_CHECKING:
    import pandas as pd

MARGIN = 0.15  # of the heights of points and function, above and below them
ROWS = 2.2  # inches of a row of panels


def fit_figure(results: StudyResults) -> Figure | None:
    """A panel per combination of fits.csv; None where networks see more than one column."""
    fits = results.frame("fits", "x", "y")
    truth, ours = fits[fits["kind"] == "true"], fits[fits["combination"] != ""]
    panels = dict(tuple(ours.groupby("combination", sort=False)))
    panels = {label: rows for label, rows in panels.items() if label in results.labels}
    if not panels:
        return None
    low, high = _ends(fits)
    x = Axis("x")
    y = Axis("y", low=low, high=high)
    return Figure(
        "Fit over x",
        _caption(panels, truth, fits[~fits["y"].between(low, high)]),
        "The curves that networks make of x for "
        f"{listing(short(label, 60) for label in panels)}, over their training points.",
        [
            Panel(
                _marks(results.labels.index(label), rows, truth), x, y, head(results, label),
                label == results.best, results.labels.index(label),
            )
            for label, rows in panels.items()
        ],
        columns=min(len(panels), 2 if len(panels) in (2, 4) else 3),
        height=ROWS if len(panels) > 1 else 2.8,
        share_x=True,
        share_y=True,
        legend={"network": "main", "training points": "dots"}
        | ({"true function": "muted"} if len(truth) else {}),
    )  # fmt: skip


def _marks(place: int, rows: "pd.DataFrame", truth: "pd.DataFrame") -> list[Mark]:
    training, fit = (rows[rows["kind"] == kind] for kind in ("training", "fit"))
    marks: list[Mark] = []
    if len(truth):
        marks.append(
            Line(truth["x"].tolist(), truth["y"].tolist(), name="true function", color="muted",
                 dashed=True)
        )  # fmt: skip
    marks.append(
        Dots(training["x"].tolist(), training["y"].tolist(), color="dots", size=4,
             name="training points", combination=place)
    )  # fmt: skip
    marks.append(Line(fit["x"].tolist(), fit["y"].tolist(), name="network", combination=place))
    return marks


def _ends(fits: "pd.DataFrame") -> tuple[float, float]:
    """Heights that hold points and function; a wild curve may leave them."""
    y = fits.loc[fits["kind"] != "fit", "y"]
    y = y[np.isfinite(y)] if len(y) else fits["y"]
    margin = MARGIN * float(y.max() - y.min()) or 1.0
    return float(y.min()) - margin, float(y.max()) + margin


def _caption(
    panels: dict[str, "pd.DataFrame"], truth: "pd.DataFrame", outside: "pd.DataFrame"
) -> str:
    seeds = list(dict.fromkeys(rows["seed"].iloc[0] for rows in panels.values()))
    whose = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {listing(seeds)}"
    text = f"The line is what the network makes of x, the dots are its training points ({whose})."
    if len(truth):
        text += " Dashed: the function without noise."
    if len(outside):
        text += " Curves go on outside the picture."
    return text
