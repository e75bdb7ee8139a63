"""A figure of each of the six steps of a tuning, from the step's rows.

A new figure is a function from what the step's file has to a `Figure`, or None where there is
nothing to show, and an entry in `FIGURES`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from labbook.report.figures.axes import HIGHEST
from labbook.report.figures.figure import (
    Axis,
    Cells,
    Color,
    Dots,
    Figure,
    Line,
    Mark,
    Note,
    Panel,
    Rule,
)
from labbook.report.tuning.search_figures import SEARCH_FIGURES
from labbook.wording import count, listing, metric_name, number, short

Step = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]
LOOKS: tuple[tuple[Color, bool], ...] = (  # of several lines: colour, and whether it is dashed
    ("main", False), ("second", True), ("dots", False), ("muted", True), ("bad", False),
    ("main", True),
)  # fmt: skip
SIDES: dict[str, tuple[str, Color]] = {
    "chosen": ("chosen", "main"),
    "than": ("compared with", "second"),
}
LOST = "diverged"
GOES_ON = "★"


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
    groups = _groups(rows)
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
    marks += _lost(rows, "diverged")
    learnt_by = list(dict.fromkeys(row["variant"] for row in rows if row["learnt"]))
    said = listing(learnt_by) if learnt_by else "none"
    return Figure(
        "A few rows, learnt by heart",
        "What is left of the loss of the best constant, by rate. Full dots: the rows are learnt by "
        "heart; rings: they are not.",
        f"Learnt by heart: {said}.",
        [Panel(marks, Axis("learning rate", log=True), _losses("share of the loss left", marks))],
    )


def rate_figure(step: Step) -> Figure | None:
    """Training and validation loss by rate, the range that goes on marked."""
    rows = step["rows"]
    if not rows:
        return None
    panels = _on_one_axis([_rates(name, some) for name, some in _groups(rows).items()])
    return Figure(
        "The loss by learning rate",
        "Dashed: training loss; solid: validation loss, its lowest. Large dots mark the range that "
        "goes on. The dashed level line is the training loss of the best constant.",
        "; ".join(_range_in_words(name, some) for name, some in _groups(rows).items()) + ".",
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
        Line(x, _values(there, "train_loss"), name="training loss", color="second", dashed=True),
        Line(x, _values(there, "valid_loss"), name="validation loss", color="main"),
        Dots(x, _values(there, "valid_loss"), color="main", size=5, hollow=True),
        Dots(
            [row["rate"] for row in chosen], _values(chosen, "valid_loss"), color="main", size=9,
            texts=["goes on"] * len(chosen),
        ),
    ]  # fmt: skip
    marks += _lost(rows, "failed")
    return Panel(marks, Axis("learning rate", log=True), _losses("loss", marks), title=name)


def grid_of_decays_figure(step: Step) -> Figure | None:
    """A map of the validation loss by rate and weight decay, a panel for each variant.

    Lines by rate would lie upon each other: a few epochs hardly feel a weight decay.
    """
    rows = step["rows"]
    if not rows:
        return None
    there = _values((row for row in rows if row["valid_loss"] is not None), "valid_loss")
    panels = [_decays(name, some, there) for name, some in _groups(rows).items()]
    best = next((row for row in rows if row["place"] == 1), None)
    said = f"The best: {_setting(best)}, {number(best['valid_loss'])}." if best else "None."
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
                _values(some, "valid_loss"), [float(place) for place in places],
                x_low=_values(some, "low"), x_high=_values(some, "high"), color=color, size=8,
                texts=["chosen" if chosen else ""] * len(some),
            )
        )  # fmt: skip
    marks += [
        Note(f"✕ {LOST}", float(place))
        for place, row in enumerate(rows)
        if row["valid_loss"] is None
    ]
    names = [_setting(row) for row in rows]
    return Figure(
        "Finer rates, several seeds",
        "Geometric mean of the validation loss, the best first; bars reach from the lowest to the "
        "highest of the seeds. The setting in bold is chosen.",
        f"Chosen: {names[0]}.",
        [Panel(marks, _losses("validation loss", marks, along="x"), Axis(names=names, strong=0))],
        height=max(1.6, 0.28 * len(rows) + 0.7),
    )


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
            Line(x, _values(some, "train"), color=color, dashed=True),
            Line(x, _values(some, "valid"), name=name, color=color),
        ]
    return Panel(marks, Axis("epoch", whole=True), _losses("loss", marks))


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


def _groups(rows: Rows) -> dict[str, list[Mapping[str, Any]]]:
    """Rows by variant, in order."""
    names = dict.fromkeys(row["variant"] for row in rows)
    return {name: [row for row in rows if row["variant"] == name] for name in names}


def _looks() -> Iterable[tuple[Color, bool]]:
    """A look for each line, again from the first where there are more."""
    return (LOOKS[place % len(LOOKS)] for place in range(1000))


def _values(rows: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    return [math.nan if row[name] is None else float(row[name]) for row in rows]


def _losses(label: str, marks: Sequence[Mark], along: str = "y") -> Axis:
    """An axis of losses, logarithmic where they are all above 0, without what is far too high."""
    values = [
        float(one)
        for mark in marks
        if isinstance(mark, Line | Dots)
        for one in (mark.x if along == "x" else mark.y)
        if math.isfinite(one)
    ]
    if not values or min(values) <= 0:
        return Axis(label)
    return Axis(label, log=max(values) > 3 * min(values))


def _on_one_axis(panels: Sequence[Panel]) -> list[Panel]:
    """The panels with one y axis that has room for the marks of all of them."""
    marks = [mark for panel in panels for mark in panel.marks]
    axis = _losses(panels[0].y.label, marks)
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


def _lost(rows: Rows, name: str) -> list[Mark]:
    """A note that names the rates of runs that came to no number."""
    lost: dict[str, list[str]] = {}
    for row in rows:
        if row[name]:
            lost.setdefault(number(row["rate"]), []).append(row["variant"])
    return [Note(f"✕ {LOST}: rate {listing(lost)}")] if lost else []


def _setting(row: Mapping[str, Any]) -> str:
    what = f"rate {number(row['rate'])}, weight decay {number(row['weight_decay'])}"
    return short(what if row["variant"] == "start" else f"{row['variant']}, {what}", 60)


def _from_to(values: Sequence[float]) -> str:
    there = [one for one in values if math.isfinite(one)]
    return f"from {number(min(there))} to {number(max(there))}" if there else "no numbers"


def _range_in_words(name: str, rows: Rows) -> str:
    rates = [number(row["rate"]) for row in rows if row["chosen"]]
    return f"{name}: rates that go on: {listing(rates) if rates else 'none'}"


FIGURES: dict[str, Callable[[Step], Figure | None]] = {
    "initial-loss": initial_loss_figure,
    "tiny-sample": tiny_sample_figure,
    "rate": rate_figure,
    "coarse": grid_of_decays_figure,
    "fine": fine_figure,
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
