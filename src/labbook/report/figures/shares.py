"""Bars of shares of a variance, with their intervals: one look for all that has a part in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labbook.report.figures.axes import LABEL
from labbook.report.figures.figure import Axis, Bars, Color, Panel
from labbook.wording import short

ROW, MORE = 0.34, 0.75  # inches per share, and of all else


@dataclass(frozen=True)
class Share:
    """One bar: a share from 0 to 1 and the ends of its interval, NaN where there is none."""

    name: str
    share: float
    low: float
    high: float
    color: Color = "main"

    @property
    def words(self) -> str:
        """`optimizer.rate: 61 % (50 to 72)`."""
        text = f"{short(self.name, 60)}: {100 * self.share:.0f} %"
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            return text
        return f"{text} ({100 * self.low:.0f} to {100 * self.high:.0f})"


def by_size(shares: Sequence[Share]) -> list[Share]:
    """Those that are known, the largest first; of equals in their order."""
    known = [share for share in shares if math.isfinite(share.share)]
    return sorted(known, key=lambda share: -share.share)


def share_panel(shares: Sequence[Share], label: str) -> Panel:
    """A bar per share from the top down, in percent of all that `label` names."""
    bars = Bars(
        length=[100 * one.share for one in shares],
        places=range(len(shares)),
        low=[100 * one.low for one in shares],
        high=[100 * one.high for one in shares],
        texts=[one.words for one in shares],
        colors=[one.color for one in shares],
    )
    names = [short(one.name, LABEL) for one in shares]
    return Panel([bars], x=Axis(f"{label}, %", low=0, high=100), y=Axis(names=names))


def height(shares: Sequence[Share]) -> float:
    """Inches of a panel of so many bars."""
    return MORE + ROW * len(shares)
