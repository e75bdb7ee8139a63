"""How well classes are told apart: ROC, precision against recall, and calibration."""

from typing import TYPE_CHECKING

from labbook.report.figures.figure import Axis, Color, Dots, Figure, Line, Mark, Panel, Rule
from labbook.report.study_results import StudyResults
from labbook.wording import plain, short

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = ("x", "mean", "low", "high", "share")
TITLES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "precision": ("Precision and recall", "recall", "precision"),
    "calibration": ("Calibration", "confidence", "share that is right"),
}
# Of up to six classes: colour, and whether the line is dashed.
LOOKS: list[tuple[Color, bool]] = [
    ("main", False), ("second", True), ("muted", False), ("bad", True), ("dots", False),
    ("main", True),
]  # fmt: skip
ROOM = 0.02  # at the ends of axes, for what lies at 0 or 1
LEAST, MOST = 4.0, 14.0  # diameters of the dots of a calibration


def rates_figure(results: StudyResults) -> Figure | None:
    """A panel for each kind of curve that there is; None for quantities."""
    rates = results.frame("rates", *NUMBERS)
    panels, words = [], []
    for curve, (title, x, y) in TITLES.items():
        rows = rates[rates["curve"] == curve]
        if len(rows):
            marks = _bins(rows) if curve == "calibration" else _curves(rows, curve)
            panels.append(Panel(marks, _share_axis(x), _share_axis(y), title=title, square=True))
            least, most = rows["mean"].min(), rows["mean"].max()
            words.append(f"{title}: mean {y} from {least:.2f} to {most:.2f}")
    if not panels:
        return None
    classes = [name for name in dict.fromkeys(rates["class"]) if name]
    whose = f" of {plain(classes[0])}" if len(classes) == 1 else ", each class against the rest"
    curves = f"Curves over seeds{whose}. " if classes else ""
    return Figure(
        "How well classes are told apart",
        _caption(results, classes, whose, {panel.title for panel in panels}),
        curves + "; ".join(words),
        panels,
        columns=len(panels),
        height=2.9,
    )


def _caption(results: StudyResults, classes: list[str], whose: str, titles: set[str]) -> str:
    """What the panels that there are show."""
    text = f"Test rows of {short(results.chosen or '', 60)}, means over seeds with 95 % intervals."
    if classes:
        text += f" ROC and precision{whose}, with their intervals as bands."
        text += (
            " The dashed line is what chance gives, for precision the share of the class."
            if len(classes) == 1
            else " The dashed diagonal is what chance gives."
        )
        text += " Precision is the best at that recall or a higher one."
    if TITLES["calibration"][0] in titles:
        text += " Of the calibration, dots are as large as their bins have rows; "
        text += "on the dashed diagonal confidence is right."
    return text


def _share_axis(label: str) -> Axis:
    return Axis(label, low=-ROOM, high=1 + ROOM)


def _curves(rows: "pd.DataFrame", curve: str) -> list[Mark]:
    """A line with its band for each class, before what chance gives."""
    groups = list(rows.groupby("class", sort=False))
    marks: list[Mark] = [] if curve == "precision" else [Rule(name="chance")]
    if curve == "precision" and len(groups) == 1:
        marks.append(Rule(y=float(rows["share"].iloc[0]), name="chance"))
    for (name, points), (color, dashed) in zip(groups, LOOKS, strict=False):
        low, high = (points[end].fillna(points["mean"]) for end in ("low", "high"))
        called = short(name, 18) if len(groups) > 1 else ""
        marks.append(
            Line(
                points["x"].tolist(), points["mean"].tolist(), low.tolist(), high.tolist(),
                name=called, color=color, dashed=dashed,
            )
        )  # fmt: skip
    return marks


def _bins(rows: "pd.DataFrame") -> list[Mark]:
    """A dot for each bin, its area as large as it has rows, with its interval."""
    sizes = LEAST + (MOST - LEAST) * rows["share"].clip(lower=0) ** 0.5
    share = [f"{100 * one:.0f} % of the rows" for one in rows["share"]]
    dots = Dots(
        rows["x"].tolist(), rows["mean"].tolist(), y_low=rows["low"].tolist(),
        y_high=rows["high"].tolist(), texts=share, sizes=sizes.tolist(),
    )  # fmt: skip
    return [Rule(name="confidence is right"), dots]
