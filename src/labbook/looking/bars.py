"""Small bars of signs, for terminals: an interval on an axis, and how far something is."""

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 18
WIDE = 10.0  # by what factor the ends of an axis of ratios differ before it is logarithmic


@dataclass(frozen=True)
class Signs:
    """What bars are made of."""

    axis: str
    interval: str
    mean: str
    done: str
    left: str


LINES = Signs("·", "━", "●", "█", "░")
PLAIN = Signs(".", "=", "o", "#", ".")


def signs() -> Signs:
    """Those that the terminal or file can take."""
    try:
        "".join(vars(LINES).values()).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return LINES


@dataclass(frozen=True)
class Axis:
    """What the bars of one table have in common: its ends, which all intervals are within."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, intervals: Iterable[tuple[float, float, float]], *, ratio: bool) -> "Axis":
        """The axis of these intervals; logarithmic where ratios are compared and it is long."""
        values = [value for interval in intervals for value in interval if math.isfinite(value)]
        low, high = min(values, default=0.0), max(values, default=0.0)
        return cls(low, high, ratio and low > 0 and high > WIDE * low)

    def place(self, value: float, width: int) -> int:
        """In which column of a bar a number stands."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(max(value, low))
        share = (value - low) / (high - low) if high > low else 0.5
        return round(min(max(share, 0.0), 1.0) * (width - 1))

    def bar(self, interval: tuple[float, float, float], of: Signs, width: int = WIDTH) -> str:
        """`···━━●━━······`: mean, low and high on this axis; empty without a mean."""
        mean, low, high = interval
        if not math.isfinite(mean):
            return ""
        low, high = (end if math.isfinite(end) else mean for end in (low, high))
        cells = [of.axis] * width
        first, last = self.place(low, width), self.place(high, width)
        cells[first : last + 1] = [of.interval] * (last + 1 - first)
        cells[self.place(mean, width)] = of.mean
        return "".join(cells)


def progress_bar(done: float, total: float, of: Signs, width: int = WIDTH) -> str:
    """How far something is."""
    filled = round(width * done / total) if total else width
    return of.done * filled + of.left * (width - filled)
