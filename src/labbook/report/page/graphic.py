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


def effect_graphic(
    scale: str, effect: float, low: float, high: float, margin: float, css: str
) -> Markup:
    """An interval as a bar around a dot, a line at the neutral value, the margin shaded.

    `margin` is of the scale: 1.05 of a ratio, 0.005 of a difference, the claimed number of shares
    and values. `css` is the class that colours it, of letters only. An end that is no number is
    open: the bar goes on to the edge. Nothing where no number is known.
    """
    if not any(map(math.isfinite, (effect, low, high))):
        return Markup("")
    axis = AXES.get(scale) or _axis_around(margin, (effect, low, high))
    neutral = margin if axis.neutral is None else axis.neutral
    parts = [f'<path class="axis" d="M{EDGE} {MIDDLE}H{WIDTH - EDGE}"/>']
    if axis.neutral is not None and margin > axis.neutral:  # effects that do not matter
        below = 1 / margin if scale == "ratio" else -margin
        left, right = _inside(axis.place(below)), _inside(axis.place(margin))
        parts.append(f'<path class="margin" d="M{left:.1f} 0H{right:.1f}V{HEIGHT}H{left:.1f}Z"/>')
    if math.isfinite(neutral):
        parts.append(f'<path class="zero" d="M{axis.place(neutral):.1f} 0V{HEIGHT}"/>')
    if math.isfinite(low) or math.isfinite(high):
        left = axis.place(low) if math.isfinite(low) else -math.inf
        right = axis.place(high) if math.isfinite(high) else math.inf
        bar = f"M{_inside(left):.1f} {MIDDLE}H{_inside(right):.1f}"
        parts += [f'<path class="bar" d="{bar}"/>', *_arrows(left, right)]
    if math.isfinite(effect):
        dot = axis.place(effect)
        circle = f'<circle cx="{dot:.1f}" cy="{MIDDLE}" r="3.6"/>'
        parts += _arrows(dot + 0.5, dot - 0.5) or [circle]
    return Markup(  # numbers and letters only
        f'<svg class="effect {css}" aria-hidden="true" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'
    )


def _axis_around(claimed: float, numbers: tuple[float, ...]) -> Axis:
    """The axis of a value: around the claimed number, wide enough for all finite `numbers`."""
    middle = claimed if math.isfinite(claimed) else 0.0
    reach = max(abs(v - middle) for v in numbers if math.isfinite(v))
    reach = 1.25 * reach or abs(middle) or 1.0
    return Axis(middle - reach, middle + reach, None, ("", "", ""), VALUE_WORDS)


def _arrows(left: float, right: float) -> list[str]:
    """Arrows at the edges that lie within what reaches from `left` to `right`."""
    tips = [(1, EDGE)] if left < EDGE else []
    tips += [(WIDTH - 1, WIDTH - EDGE)] if right > WIDTH - EDGE else []
    return [
        f'<path class="arrow" d="M{tip} {MIDDLE}L{base} {MIDDLE - 4}V{MIDDLE + 4}Z"/>'
        for tip, base in tips
    ]


def _inside(place: float) -> float:
    return min(max(place, EDGE), WIDTH - EDGE)
