"""The figure of the full training: learning curves of both sides, and test rows by seed."""

from labbook.report.figures.figure import Axis, Color, Dots, Figure, Line, Mark, Note, Panel
from labbook.report.tuning.step_rows import LOST, Rows, Step, column, loss_axis
from labbook.wording import count, metric_name

SIDES: dict[str, tuple[str, Color]] = {
    "chosen": ("chosen", "main"),
    "than": ("compared with", "second"),
}


def curves_figure(step: Step) -> Figure | None:
    """Both sides' learning curves, and beside them their test rows by seed."""
    rows = step["rows"]
    curves = [row for row in rows if row["kind"] == "curve"]
    runs = [row for row in rows if row["kind"] == "run"]
    panels = ([_two_curves(curves)] if curves else []) + ([_by_seed(step, runs)] if runs else [])
    if not panels:
        return None
    metric = metric_name(step["decided"]["metric"])
    return Figure(
        "Chosen and compared with",
        "Left: smoothed geometric means of the losses over seeds, dashed for training, solid for "
        "validation. Right: test rows by seed; a grey line joins what has the same split.",
        f"Learning curves and {metric} of {count(len(runs) // 2, 'pair')} of runs.",
        panels,
        columns=len(panels),
        height=2.8,
        legend=dict(SIDES.values()),
    )


def _two_curves(rows: Rows) -> Panel:
    marks: list[Mark] = []
    for side, (name, color) in SIDES.items():
        some = [row for row in rows if row["side"] == side]
        x = [row["epoch"] for row in some]
        marks += [
            Line(x, column(some, "train"), color=color, dashed=True),
            Line(x, column(some, "valid"), name=name, color=color),
        ]
    return Panel(marks, Axis("epoch", whole=True), loss_axis("loss", marks))


def _by_seed(step: Step, rows: Rows) -> Panel:
    values = {
        side: {row["seed"]: row["test"] for row in rows if row["side"] == side} for side in SIDES
    }
    marks: list[Mark] = []
    for seed in values["chosen"]:
        pair = [values[side].get(seed) for side in SIDES]
        y = [float(one) for one in pair if one is not None]
        if len(y) == len(SIDES):
            marks.append(Line([0.0, 1.0], y, color="muted", thin=True))
    for place, (side, (_, color)) in enumerate(SIDES.items()):
        there = {seed: one for seed, one in values[side].items() if one is not None}
        marks.append(
            Dots(
                [float(place)] * len(there), list(there.values()), color=color, size=7,
                texts=[f"seed {seed}" for seed in there],
            )
        )  # fmt: skip
    lost = sum(one is None for some in values.values() for one in some.values())
    if lost:
        marks.append(Note(f"✕ {count(lost, 'run')} {LOST}"))
    names = [name for name, _ in SIDES.values()]
    return Panel(marks, Axis(names=names), Axis(metric_name(step["decided"]["metric"])))
