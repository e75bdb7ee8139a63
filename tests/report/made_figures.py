"""Figures made by hand, with a mark of every kind, for the tests of what draws them."""

import math

from labbook.report.figures.figure import (
    Axis,
    Bars,
    Cells,
    Dots,
    Figure,
    Line,
    Note,
    Panel,
    Parallel,
    Pictures,
    Rule,
)

LABELS = (
    "hidden = [64, 16]",
    "hidden = [32, 16, 8] · best",
    "hidden = [8] (a <b>long</b> name & more)",
)


def metric() -> Figure:
    """Rows with names: single runs, means with intervals, one without a value."""
    runs = [[0.9, 1.0, 1.1], [0.5, 0.6, 0.7], [1.5, 1.6, 1.72345]]
    marks = [
        Dots([*values], [row + 0.24] * 3, color="dots", size=4, faint=True, combination=row)
        for row, values in enumerate(runs)
    ]
    means = [
        Dots([1.0], [0], x_low=[0.8], x_high=[1.2], name="mean", color="ink", combination=0),
        Dots([0.6], [1], x_low=[0.5], x_high=[0.7], name="mean", combination=1),
        Dots([1.6078], [2], x_low=[1.4], x_high=[1.8], name="mean", color="ink", combination=2),
    ]
    rows = Axis(names=LABELS, combinations=[0, 1, 2], strong=1)
    rule = Rule(x=1.0, name="reference")
    panel = Panel(
        [rule, *marks, *means, Note("✕ 1 of 3 diverged", row=2)], Axis("validation MSE"), rows
    )
    return Figure("Validation MSE by combination", "A caption.", "Means.", [panel], height=1.8)


def curves() -> Figure:
    """Lines with bands, a gap, single runs on demand; a switch for the logarithm; four panels."""
    epochs = [*range(0, 200, 5)]
    panels = []
    for c in range(4):
        valid = [100 * math.exp(-e / (20 + 10 * c)) + 1 + 0.2 * math.sin(e) for e in epochs]
        train = [v * 0.8 for v in valid]
        valid[7] = math.nan
        panels.append(
            Panel(
                [
                    *(
                        Line(
                            epochs,
                            [v * (1 + 0.1 * k) for v in valid],
                            on_demand=True,
                            thin=True,
                            name=f"seed {k}",
                            combination=c,
                        )
                        for k in range(3)
                    ),
                    Line(epochs, train, name="training", color="second", dashed=True, smooth=True),
                    Line(
                        epochs,
                        valid,
                        [v * 0.9 for v in valid],
                        [v * 1.1 for v in valid],
                        name="validation",
                        smooth=True,
                    ),
                    Rule(x=120, name="stopped"),
                    *([Note("✕ 2 of 8 runs diverged")] if c == 2 else []),
                ],
                Axis("epoch", whole=True, switch=True),
                Axis("loss", log=True, switch=True),
                f"combination {c} with a title that is rather long, and goes on",
                strong=c == 1,
                combination=c,
            )
        )
    return Figure(
        "Learning curves",
        "A caption.",
        "Losses.",
        panels,
        columns=3,
        height=1.75,
        share_x=True,
        share_y=True,
    )


def scatter() -> Figure:
    """A square panel with the diagonal, and shaded dots of many combinations on a log axis."""
    many = [k / 20 for k in range(100)]
    exact = Panel(
        [Rule(), Dots(many, [v + 0.3 * math.sin(9 * v) for v in many], faint=True)],
        Axis("true"), Axis("predicted"), "one combination", square=True,
    )  # fmt: skip
    rates = [1e-4 * 1.3**k for k in range(24)]
    sampled = Panel(
        [
            Dots(
                rates, [1 + abs(k - 12) / 10 for k in range(24)], shades=[k / 23 for k in range(24)],
                texts=[f"width {k}" for k in range(24)], combinations=range(24), size=8,
            )
        ],
        Axis("optimizer.rate", log=True), Axis("validation MSE"), "by rate",
    )  # fmt: skip
    return Figure("Scatter", "A caption.", "Dots.", [exact, sampled], columns=2, height=3)


def bars() -> Figure:
    """Flat bars with intervals at names; an upright histogram."""
    flat = Panel(
        [Bars([0.5, 0.31, -0.05], [0, 1, 2], low=[0.4, 0.2, -0.1], high=[0.6, 0.4, 0.0], colors=["main", "main", "muted"])],
        Axis("share"), Axis(names=["rooms", "age", "tax"]), "importance",
    )  # fmt: skip
    upright = Panel(
        [Bars([3, 12, 7, 1], edges=[0, 0.5, 1, 1.5, 2], flat=False, color="dots")],
        Axis("residual"), Axis("rows", whole=True), "histogram",
    )  # fmt: skip
    return Figure("Bars", "A caption.", "Bars.", [flat, upright], columns=2)


def cells() -> Figure:
    """A matrix with texts, an empty cell and wrong ones; another of combinations."""
    names = [str(k) for k in range(4)]
    shares = [
        [0.97, 0.03, 0.0, 0.0],
        [0.1, 0.9, 0.0, 0.0],
        [0.0, 0.25, 0.75, 0.0],
        [0.0, 0.0, 0.5, 0.5],
    ]
    confusion = Panel(
        [
            Cells(
                shares, texts=[[f"{100 * v:.0f}" for v in row] for row in shares],
                readouts=[[f"{round(40 * v)} of 40" for v in row] for row in shares],
                wrong=[[r != c for c in range(4)] for r in range(4)], shades=shares, legend="Shade: % of the true class",
            )
        ],
        Axis("predicted", names=names), Axis("true", names=names), square=True,
    )  # fmt: skip
    grid = Panel(
        [Cells([[1.0, 2.0, math.nan], [1.5, 0.51234, 3.0]], combinations=[[0, 1, None], [2, 3, 4]])],
        Axis("rate", names=["0.001", "0.01", "a much longer name that never fits"]), Axis("batch", names=["16", "64"]), "two ways",
    )  # fmt: skip
    return Figure("Cells", "A caption.", "A matrix.", [confusion, grid], columns=2, height=3)


def pictures() -> Figure:
    """Small images in rows."""
    images = [[(x * k + y * 9) % 256 for y in range(8) for x in range(8)] for k in range(1, 11)]
    shown = Pictures(images, 8, [f"true {k}, said {k + 1}" for k in range(10)])
    return Figure("Most mistaken", "A caption.", "Images.", [Panel([shown])], height=2.4)


def parallel() -> Figure:
    """Parallel coordinates of 40 combinations over three settings and the metric."""
    rates = [1e-4 * 10 ** (k % 8 / 2) for k in range(40)]
    widths = [float(k % 3) for k in range(40)]
    batches = [float(16 * (1 + k % 5)) for k in range(40)]
    metric = [0.5 + k / 40 for k in range(40)]
    axes = [
        Axis("optimizer.rate", log=True),
        Axis("model.hidden", names=["[8]", "[32, 16, 8]", "[64]"]),
        Axis("batch"),
        Axis("validation MSE"),
    ]
    mark = Parallel(
        axes,
        [rates, widths, batches, metric],
        range(40),
        [1 - k / 40 for k in range(40)],
        [f"combination {k}" for k in range(40)],
    )
    return Figure("Parallel", "A caption.", "Lines.", [Panel([mark])], height=3)


EVERY = {make.__name__: make for make in (metric, curves, scatter, bars, cells, pictures, parallel)}
