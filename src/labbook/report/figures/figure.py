"""A figure: panels of marks on axes, numbers and words alone.

Two places draw any figure: report/paper/ for print and papers (SVG, PNG, PDF),
report/page/scripts/ in the browser, where values can be read and combinations pointed out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

Numbers = Sequence[float]
Color = str  # a name of figures.PALETTE
SIGNIFICANT = 5  # digits that the page has of a number
MANY = 20  # numbers of which the page has fewer digits: as many as can be seen in a picture
SEEN = 2000  # parts of a picture's side


@dataclass(frozen=True)
class Axis:
    """An axis. Its ends follow from the marks where `low` and `high` are None."""

    label: str = ""
    log: bool = False
    switch: bool = False  # a reader may switch between the linear and the logarithmic scale
    names: Sequence[str] = ()  # of places 0, 1, ...; on the y axis from the top down
    combinations: Sequence[int | None] = ()  # of which combination a name is
    strong: int | None = None  # the place whose name stands out
    low: float | None = None
    high: float | None = None
    whole: bool = False  # ticks at whole numbers alone


@dataclass(frozen=True)
class Line:
    """A line, with a band where `low` and `high` are given; a NaN in `y` interrupts it."""

    x: Numbers
    y: Numbers
    low: Numbers = ()
    high: Numbers = ()
    name: str = ""
    color: Color = "main"
    dashed: bool = False
    thin: bool = False
    combination: int | None = None  # its place among the study's combinations
    on_demand: bool = False  # a single run: the page shows it when asked, paper does not
    smooth: bool = False  # a reader may smooth it


@dataclass(frozen=True)
class Dots:
    """Dots, with intervals along x or y where their ends are given (NaN: none for this dot)."""

    x: Numbers
    y: Numbers
    x_low: Numbers = ()
    x_high: Numbers = ()
    y_low: Numbers = ()
    y_high: Numbers = ()
    texts: Sequence[str] = ()  # what is read out for each dot, beside its numbers
    name: str = ""
    color: Color = "main"
    size: float = 6.0  # diameter, px of a page
    sizes: Numbers = ()  # of each dot
    shades: Numbers = ()  # 0 to 1 of each dot: a colour between pale and full
    faint: bool = False
    hollow: bool = False  # rings: what is not measured by us, or not reached
    combination: int | None = None
    combinations: Sequence[int] = ()  # of each dot


@dataclass(frozen=True)
class Bars:
    """Bars from 0 to `length` at `places` of an axis with names, or between `edges`."""

    length: Numbers
    places: Numbers = ()
    edges: Numbers = ()  # one more than bars: a histogram
    low: Numbers = ()
    high: Numbers = ()
    texts: Sequence[str] = ()
    name: str = ""
    color: Color = "main"
    colors: Sequence[Color] = ()  # of each bar
    flat: bool = True  # along x; else upright
    combinations: Sequence[int] = ()


@dataclass(frozen=True)
class Cells:
    """A matrix of shaded cells, on axes with names: `values` by row and column, NaN empty."""

    values: Sequence[Numbers]
    texts: Sequence[Sequence[str]] = ()  # inside of cells
    readouts: Sequence[Sequence[str]] = ()  # said of a cell that is pointed at
    shades: Sequence[Numbers] = ()  # 0 to 1; else values between their least and greatest
    wrong: Sequence[Sequence[bool]] = ()  # cells in the colour of what is bad
    combinations: Sequence[Sequence[int | None]] = ()
    legend: str = ""


@dataclass(frozen=True)
class Rule:
    """A line across the panel at `x` or `y`; the diagonal where neither is given."""

    x: float | None = None
    y: float | None = None
    name: str = ""
    color: Color = "muted"


@dataclass(frozen=True)
class Note:
    """Words at the end of a row, or at the panel's upper right corner where `row` is None."""

    text: str
    row: float | None = None
    color: Color = "bad"


@dataclass(frozen=True)
class Pictures:
    """Small grey images, row by row: `pixels[i]` has 0 (white) to 255 (black), `side` wide."""

    pixels: Sequence[Sequence[int]]
    side: int
    captions: Sequence[str]


@dataclass(frozen=True)
class Parallel:
    """Parallel coordinates: `values[axis][line]`; the last axis is the metric."""

    axes: Sequence[Axis]
    values: Sequence[Numbers]
    combinations: Sequence[int]
    shades: Numbers = ()  # 0 to 1 of each line
    texts: Sequence[str] = ()


Mark = Line | Dots | Bars | Cells | Rule | Note | Pictures | Parallel


@dataclass(frozen=True)
class Panel:
    """One drawing: marks from the back to the front, on its axes."""

    marks: Sequence[Mark]
    x: Axis = Axis()
    y: Axis = Axis()
    title: str = ""
    strong: bool = False  # a title that stands out
    combination: int | None = None
    square: bool = False  # both axes with the same length of a unit


@dataclass(frozen=True)
class Figure:
    """A finished figure. `alt` says in words what one sees, for those who cannot see it."""

    title: str
    caption: str
    alt: str
    panels: Sequence[Panel]
    columns: int = 1
    height: float = 2.6  # inches of a row of panels on paper; a page keeps the proportions
    width: float = 7.4
    share_x: bool = False  # panels have the same x axis
    share_y: bool = False
    legend: Mapping[str, Color] | None = None  # names that the page explains by colour


def as_data(part: Any, digits: int = SIGNIFICANT) -> Any:
    """A figure or a part of it for a JSON file: no fields at their default, NaN as null.

    Numbers have five significant digits, those of long lines and clouds four where these tell them
    apart, and single runs three. A mark says its kind, as `{"kind": "Line", ...}`.
    """
    if isinstance(part, bool | str | int) or part is None:
        return part
    if isinstance(part, float):
        return _rounded(part, digits)
    if isinstance(part, Mapping):
        return {key: as_data(value) for key, value in part.items()}
    if hasattr(part, "__dataclass_fields__"):
        data = {"kind": type(part).__name__} if isinstance(part, Mark) else {}
        coarse = isinstance(part, Line) and part.on_demand
        for field in fields(part):
            value = getattr(part, field.name)
            if field.default is MISSING or not _same(value, field.default):
                data[field.name] = as_data(value, 3 if coarse else SIGNIFICANT)
        return data
    items = [value.item() if hasattr(value, "item") else value for value in part]
    return [as_data(value, min(digits, _digits_seen(items))) for value in items]


def _same(value: Any, default: Any) -> bool:
    if isinstance(default, tuple):
        return len(value) == 0
    return bool(value == default)


def _digits_seen(values: Sequence[Any]) -> int:
    """How many digits of many numbers can be seen side by side; all of few, and of no numbers."""
    sizes = [v for v in values if isinstance(v, float) and math.isfinite(v)]
    if len(sizes) < MANY:
        return SIGNIFICANT
    span, largest = max(sizes) - min(sizes), max(map(abs, sizes))
    return math.ceil(math.log10(SEEN * largest / span)) if span else SIGNIFICANT


def _rounded(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.{digits - 1}e}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
