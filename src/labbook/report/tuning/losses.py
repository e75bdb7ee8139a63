"""Figures of losses: before any training, on a few rows learnt by heart, by learning rate."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

from labbook.report.figures.axes import HIGHEST
from labbook.report.figures.figure import Axis, Color, Dots, Figure, Line, Mark, Panel, Rule
from labbook.report.tuning.step_rows import Rows, Step, by_variant, column, loss_axis, lost_rates
from labbook.wording import listing, number

LOOKS: tuple[tuple[Color, bool], ...] = (  # of several lines: colour, and whether it is dashed
    ("main", False), ("second", True), ("dots", False), ("muted", True), ("bad", False),
    ("main", True),
)  # fmt: skip


def initial_loss_figure(step: Step) -> Figure | None:
    """The loss before training, of each seed beside what theory says."""
    rows, told = step["rows"], step["decided"]
    if not rows:
        return None
    seeds = [float(row["seed"]) for row in rows]
    marks: list[Mark] = [
        Rule(y=told[end], name=words)
        for end, words in (("low", "lowest allowed"), ("high", "highest allowed"))
        if told.get(end) is not None
    ]
    losses = [math.nan if row["loss"] is None else row["loss"] for row in rows]
    marks += [
        Dots(seeds, [row["theory"] for row in rows], name="theory", color="second", hollow=True),
        Dots(seeds, losses, name="loss", color="main"),
    ]
    return Figure(
        "The loss before training",
        "Dots: the loss with the weights as they are drawn; rings: what theory says of that seed. "
        "The mean over seeds has to lie between the dashed lines.",
        f"Loss by seed: {_from_to(losses)}.",
        [Panel(marks, Axis("seed", whole=True), Axis("loss"))],
        legend={"loss": "main", "theory": "second"},
    )


def tiny_sample_figure(step: Step) -> Figure | None:
    """What is left of the best constant's loss on a few rows, by rate."""
    rows = step["rows"]
    if not rows:
        return None
    groups = by_variant(rows)
    marks: list[Mark] = [Rule(y=1.0, name="the best constant")]
    for (name, some), (color, dashed) in zip(groups.items(), _looks(), strict=False):
        there = [row for row in some if row["share"] is not None]
        x, y = [row["rate"] for row in there], [row["share"] for row in there]
        learnt = [row for row in there if row["learnt"]]
        marks += [
            Line(x, y, name=name, color=color, dashed=dashed),
            Dots(x, y, color=color, size=5, hollow=True),
            Dots(
                [row["rate"] for row in learnt], [row["share"] for row in learnt], color=color,
                texts=[f"learnt after {number(row['epochs'])} epochs" for row in learnt], size=8,
            ),
        ]  # fmt: skip
    marks += lost_rates(rows, "diverged")
    learnt_by = list(dict.fromkeys(row["variant"] for row in rows if row["learnt"]))
    said = listing(learnt_by) if learnt_by else "none"
    return Figure(
        "A few rows, learnt by heart",
        "What is left of the loss of the best constant, by rate. Full dots: the rows are learnt by "
        "heart; rings: they are not.",
        f"Learnt by heart: {said}.",
        [Panel(marks, Axis("learning rate", log=True), loss_axis("share of the loss left", marks))],
    )


def rate_figure(step: Step) -> Figure | None:
    """Training and validation loss by rate, the range that goes on marked."""
    rows = step["rows"]
    if not rows:
        return None
    panels = _on_one_axis([_rates(name, some) for name, some in by_variant(rows).items()])
    return Figure(
        "The loss by learning rate",
        "Dashed: training loss; solid: validation loss, its lowest. Large dots mark the range that "
        "goes on. The training loss decides which; the validation loss may be lowest elsewhere. "
        "The dashed level line is the training loss of the best constant.",
        "; ".join(_range_in_words(name, some) for name, some in by_variant(rows).items()) + ".",
        panels,
        columns=1 if len(panels) == 1 else 2,
        height=2.6 if len(panels) <= 2 else 2.1,
        share_x=True,
        share_y=True,
        legend={"training loss": "second", "validation loss": "main"},
    )


def _rates(name: str, rows: Rows) -> Panel:
    there = [row for row in rows if not row["failed"]]
    chosen = [row for row in there if row["chosen"] and row["valid_loss"] is not None]
    x = [row["rate"] for row in there]
    marks: list[Mark] = [Rule(y=row["constant"], name="the best constant") for row in rows[:1]]
    marks += [
        Line(x, column(there, "train_loss"), name="training loss", color="second", dashed=True),
        Line(x, column(there, "valid_loss"), name="validation loss", color="main"),
        Dots(x, column(there, "valid_loss"), color="main", size=5, hollow=True),
        Dots(
            [row["rate"] for row in chosen], column(chosen, "valid_loss"), color="main", size=9,
            texts=["goes on"] * len(chosen),
        ),
    ]  # fmt: skip
    marks += lost_rates(rows, "failed")
    return Panel(marks, Axis("learning rate", log=True), loss_axis("loss", marks), title=name)


def _on_one_axis(panels: Sequence[Panel]) -> list[Panel]:
    """The panels with one y axis that has room for the marks of all of them."""
    marks = [mark for panel in panels for mark in panel.marks]
    axis = loss_axis(panels[0].y.label, marks)
    values = [
        float(one)
        for mark in marks
        if isinstance(mark, Line)
        for one in mark.y
        if math.isfinite(one) and (one > 0 or not axis.log)
    ]
    if values and axis.log:
        low, high = min(values), min(max(values), HIGHEST * median(values))
        axis = replace(axis, low=low / 1.15, high=high * 1.15)
    elif values:
        room = 0.05 * (max(values) - min(values))
        axis = replace(axis, low=min(values) - room, high=max(values) + room)
    return [replace(panel, y=axis) for panel in panels]


def _looks() -> Iterable[tuple[Color, bool]]:
    """A look for each line, again from the first where there are more."""
    return (LOOKS[place % len(LOOKS)] for place in range(1000))


def _from_to(values: Sequence[float]) -> str:
    there = [one for one in values if math.isfinite(one)]
    return f"from {number(min(there))} to {number(max(there))}" if there else "no numbers"


def _range_in_words(name: str, rows: Rows) -> str:
    rates = [number(row["rate"]) for row in rows if row["chosen"]]
    return f"{name}: rates that go on: {listing(rates) if rates else 'none'}"
