"""Figures of grids: rates and weight decays as a map, and the best few with their seeds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from labbook.report.figures.figure import Axis, Cells, Dots, Figure, Mark, Note, Panel
from labbook.report.tuning.step_rows import (
    LOST,
    Rows,
    Step,
    by_variant,
    column,
    loss_axis,
    setting_name,
)
from labbook.wording import number

GOES_ON = "★"


def grid_of_decays_figure(step: Step) -> Figure | None:
    """A map of the validation loss by rate and weight decay, a panel for each variant.

    Lines by rate would lie upon each other: a few epochs hardly feel a weight decay.
    """
    rows = step["rows"]
    if not rows:
        return None
    there = column((row for row in rows if row["valid_loss"] is not None), "valid_loss")
    panels = [_decays(name, some, there) for name, some in by_variant(rows).items()]
    best = next((row for row in rows if row["place"] == 1), None)
    said = f"The best: {setting_name(best)}, {number(best['valid_loss'])}." if best else "None."
    return Figure(
        "Rates and weight decays",
        f"The lowest validation loss, the deeper the better. {GOES_ON} goes on.",
        said,
        panels,
        columns=1 if len(panels) == 1 else 2,
        height=1.0 + 0.42 * max(len(panel.y.names) for panel in panels),
    )


def _decays(name: str, rows: Rows, losses: Sequence[float]) -> Panel:
    """Cells of a variant, as deep as their loss is low among all `losses`."""
    rates = sorted({row["rate"] for row in rows})
    decays = sorted({row["weight_decay"] for row in rows})
    places = {(row["weight_decay"], row["rate"]): row for row in rows}
    order = [[places.get((decay, rate)) for rate in rates] for decay in decays]
    values = [[_loss(row) for row in line] for line in order]
    cells = Cells(
        values,
        texts=[[_in_cell(row) for row in line] for line in order],
        shades=[[_depth(value, losses) for value in line] for line in values],
    )
    x = Axis("learning rate", names=[f"{rate:g}" for rate in rates])
    y = Axis("weight decay", names=[f"{decay:g}" for decay in decays])
    return Panel([cells], x, y, name)


def _loss(row: Mapping[str, Any] | None) -> float:
    return math.nan if row is None or row["valid_loss"] is None else float(row["valid_loss"])


def _in_cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["valid_loss"] is None:
        return LOST
    return number(row["valid_loss"]) + (f" {GOES_ON}" if row["chosen"] else "")


def _depth(loss: float, losses: Sequence[float]) -> float:
    """1 of the lowest loss to 0 of the highest, by logarithms where all are above 0."""
    if not math.isfinite(loss):
        return math.nan
    sized = math.log if min(losses) > 0 else float
    span = sized(max(losses)) - sized(min(losses))
    return (sized(max(losses)) - sized(loss)) / span if span else 1.0


def fine_figure(step: Step) -> Figure | None:
    """Settings of the fine grid."""
    return _settings(step, "Finer rates, several seeds", "The setting in bold is first.")


def finalists_figure(step: Step) -> Figure | None:
    """Settings that were trained in full."""
    return _settings(step, "Finalists: the full training", "The setting in bold is chosen.")


def _settings(step: Step, title: str, bold: str) -> Figure | None:
    """A row a setting, the best first, with the spread over its seeds."""
    rows = sorted(step["rows"], key=lambda row: row["place"] or math.inf)
    if not rows:
        return None
    marks: list[Mark] = []
    for color, chosen in (("dots", False), ("main", True)):
        places = [
            place
            for place, row in enumerate(rows)
            if row["valid_loss"] is not None and bool(row["chosen"]) == chosen
        ]
        some = [rows[place] for place in places]
        marks.append(
            Dots(
                column(some, "valid_loss"), [float(place) for place in places],
                x_low=column(some, "low"), x_high=column(some, "high"), color=color, size=8,
                texts=["the best" if chosen else ""] * len(some),
            )
        )  # fmt: skip
    marks += [
        Note(f"✕ {LOST}", float(place))
        for place, row in enumerate(rows)
        if row["valid_loss"] is None
    ]
    names = [setting_name(row) for row in rows]
    return Figure(
        title,
        "Geometric mean of the validation loss, the best first; bars reach from the lowest to the "
        f"highest of the seeds. {bold}",
        f"The best: {names[0]}.",
        [Panel(marks, loss_axis("validation loss", marks, along="x"), Axis(names=names, strong=0))],
        height=max(1.6, 0.28 * len(rows) + 0.7),
    )
