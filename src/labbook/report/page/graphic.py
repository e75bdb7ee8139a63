"""A small picture of an effect and its interval, for a cell of a table."""

import math
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT, MIDDLE = 168, 20, 10
EDGE = 7  # left and right, where an arrow says that something lies beyond the axis


@dataclass(frozen=True)
class Axis:
    """What the pictures of one scale of effects have in common.

    Fixed, so that pictures of two reports can be compared; what lies beyond ends in an arrow.
    """

    low: float
    high: float
    neutral: float | None  # None: each claim has its own, in its column `margin`
    ticks: tuple[str, str, str]
    words: str
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a number lies, in the picture's units; beyond the ends outside the edges."""
        low, high = self.low, self.high
        if self.logarithmic:
            if value <= 0:
                return -math.inf
            low, high, value = math.log(low), math.log(high), math.log(value)
        return EDGE + (WIDTH - 2 * EDGE) * (value - low) / (high - low)


AXES = {
    "ratio": Axis(
        0.25, 4, 1, ("×¼", "×1", "×4"),
        "Errors and epochs: those of the other side divided by those of the side claimed better. "
        "Right of the line is as claimed.",
        logarithmic=True,
    ),
    "difference": Axis(
        -0.1, 0.1, 0, ("−0.1", "0", "+0.1"),
        "Accuracy and R²: the difference of the two sides. Right of the line is as claimed.",
    ),
    "correlation": Axis(
        -1, 1, 0, ("−1", "0", "+1"),
        "Orders: how far the order found agrees with the claimed one. 1 is full agreement.",
    ),
    "share": Axis(
        0, 1, None, ("0 %", "50 %", "100 %"),
        "Shares of runs. The line is the bound that the claim names.",
    ),
}  # fmt: skip
VALUE_WORDS = "Values: each picture has its own axis. The line is the claimed bound or count."


def axis_of(scale: str, numbers: tuple[float, ...], claimed: float) -> Axis:
    """The axis of a scale; for `value`, one around the claimed number that holds all `numbers`."""
    if scale in AXES:
        return AXES[scale]
    middle = claimed if math.isfinite(claimed) else 0.0
    reach = max((abs(v - middle) for v in numbers if math.isfinite(v)), default=0.0)
    reach = 1.25 * reach or abs(middle) or 1.0
    return Axis(middle - reach, middle + reach, None, ("", "", ""), VALUE_WORDS)


def effect_graphic(
    scale: str, effect: float, low: float, high: float, margin: float, name: str
) -> Markup:
    """An interval as a bar around a dot, a line at the neutral value, the margin shaded.

    `margin` is of the scale: 1.05 of a ratio, 0.005 of a difference, the claimed number of shares
    and values. `name` is the CSS class that colours it. An end that is no number is open: the bar
    goes on to the edge. Nothing where no number is known.
    """
    if not any(map(math.isfinite, (effect, low, high))):
        return Markup("")
    axis = axis_of(scale, (effect, low, high), margin)
    neutral = margin if axis.neutral is None else axis.neutral
    parts = [_margin(axis, scale, margin), _line(axis, neutral), _bar(axis, effect, low, high)]
    if math.isfinite(effect):
        parts.append(_dot(axis.place(effect)))
    letters = "".join(c for c in name if c.isalpha())
    base = f'<path class="axis" d="M{EDGE} {MIDDLE}H{WIDTH - EDGE}"/>'
    return Markup(  # numbers and letters only
        f'<svg class="effect {letters}" aria-hidden="true" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{base}{"".join(parts)}</svg>'
    )


def _margin(axis: Axis, scale: str, margin: float) -> str:
    """The band of effects that do not matter."""
    if axis.neutral is None or not margin > axis.neutral:
        return ""
    below = 1 / margin if scale == "ratio" else -margin
    left, right = (_inside(axis.place(one)) for one in (below, margin))
    return f'<path class="margin" d="M{left:.1f} 0H{right:.1f}V{HEIGHT}H{left:.1f}Z"/>'


def _line(axis: Axis, neutral: float) -> str:
    if not math.isfinite(neutral):
        return ""
    return f'<path class="zero" d="M{axis.place(neutral):.1f} 0V{HEIGHT}"/>'


def _bar(axis: Axis, effect: float, low: float, high: float) -> str:
    if not (math.isfinite(low) or math.isfinite(high)):
        return ""
    left = axis.place(low) if math.isfinite(low) else -math.inf
    right = axis.place(high) if math.isfinite(high) else math.inf
    bar = f'<path class="bar" d="M{_inside(left):.1f} {MIDDLE}H{_inside(right):.1f}"/>'
    return bar + (_arrow(-1) if left < EDGE else "") + (_arrow(1) if right > WIDTH - EDGE else "")


def _dot(place: float) -> str:
    if EDGE - 0.5 <= place <= WIDTH - EDGE + 0.5:
        return f'<circle cx="{place:.1f}" cy="{MIDDLE}" r="3.6"/>'
    return _arrow(-1 if place < EDGE else 1)


def _arrow(side: int) -> str:
    tip, base = (1, EDGE) if side < 0 else (WIDTH - 1, WIDTH - EDGE)
    return f'<path class="arrow" d="M{tip} {MIDDLE}L{base} {MIDDLE - 4}V{MIDDLE + 4}Z"/>'


def _inside(place: float) -> float:
    return min(max(place, EDGE), WIDTH - EDGE)
