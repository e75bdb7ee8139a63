"""A small picture of an effect and its interval, for a cell of a table.

The verdict is told by shape as well as by colour: a full dot, a diamond, a ring.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

WIDTH, HEIGHT, MIDDLE = 192, 20, 10
EDGE = 7  # left and right, where an arrow says that something lies beyond the axis
DOT, CAP = 3.4, 6.5  # caps stand out of the dot, so that a narrow interval is seen as well
RULER = 16  # height of the axis with its numbers


@dataclass(frozen=True)
class Axis:
    """What the pictures of one scale of effects have in common.

    Fixed, so that pictures of two reports can be compared; what lies beyond ends in an arrow. Where
    it has a `step`, effects of about that size have the most room: the scale is linear there and
    logarithmic far out, so that 2 % can be seen beside a factor of 5.
    """

    low: float
    high: float
    neutral: float | None  # None: each claim has its own, in its column `margin`
    words: str
    ticks: Mapping[float, str] = field(default_factory=dict)
    logarithmic: bool = False
    step: float | None = None

    def place(self, value: float) -> float:
        """Where a number lies, in the picture's units; beyond the ends outside the edges."""
        if self.logarithmic and value <= 0:
            return -math.inf
        low, high, middle = (self._scaled(one) for one in (self.low, self.high, value))
        return EDGE + (WIDTH - 2 * EDGE) * (middle - low) / (high - low)

    def _scaled(self, value: float) -> float:
        size = math.log(value) if self.logarithmic else value
        return math.asinh(size / self.step) if self.step else size

    @property
    def marks(self) -> Markup:
        """The axis and its ticks, for a picture."""
        ticks = "".join(f"M{self.place(tick):.1f} {MIDDLE - 2}v4" for tick in self.ticks)
        return Markup(f'<path class="axis" d="M{EDGE} {MIDDLE}H{WIDTH - EDGE}{ticks}"/>')

    @property
    def ruler(self) -> Markup:
        """The axis by itself with the numbers at its ticks."""
        texts = "".join(
            f'<text x="{self.place(tick):.1f}" y="8">{text}</text>'
            for tick, text in self.ticks.items()
        )
        ticks = "".join(f"M{self.place(tick):.1f} 11v4" for tick in self.ticks)
        return Markup(
            f'<svg class="effect ruler" aria-hidden="true" viewBox="0 0 {WIDTH} {RULER}" '
            f'width="{WIDTH}" height="{RULER}" font-size="8" text-anchor="middle">{texts}'
            f'<path class="axis" d="M{EDGE} 13H{WIDTH - EDGE}{ticks}"/></svg>'
        )


STRETCHED = "Near the line the scale is stretched, so that small effects can be seen."
AXES = {
    "ratio": Axis(
        0.1, 10, 1,
        "Errors and epochs: those of the other side divided by those of the side claimed better. "
        f"Right of the line is as claimed. {STRETCHED}",
        {0.1: "×0.1", 0.5: "×½", 0.8: "×0.8", 1: "×1", 1.25: "×1.25", 2: "×2", 10: "×10"},
        logarithmic=True, step=math.log(1.05),
    ),
    "difference": Axis(
        -0.3, 0.3, 0,
        "Accuracy and R²: the difference of the two sides. Right of the line is as claimed. "
        f"{STRETCHED}",
        {-0.3: "−0.3", -0.1: "−0.1", -0.01: "−0.01", 0: "0", 0.01: "+0.01", 0.1: "+0.1",
         0.3: "+0.3"},
        step=0.005,
    ),
    "correlation": Axis(
        -1, 1, 0,
        "Orders: how far the order found agrees with the claimed one. 1 is full agreement.",
        {-1: "−1", -0.5: "−½", 0: "0", 0.5: "+½", 1: "+1"},
    ),
    "share": Axis(
        0, 1, None,
        "Shares of runs. The line is the bound that the claim names.",
        {0: "0 %", 0.5: "50 %", 1: "100 %"},
    ),
}  # fmt: skip
VALUE_WORDS = "Values: each picture has its own axis. The line is the claimed bound or count."


def effect_graphic(
    scale: str, effect: float, low: float, high: float, margin: float, css: str
) -> Markup:
    """An interval as a bar around a mark, a line at the neutral value, the margin shaded.

    `margin` is of the scale: 1.05 of a ratio, 0.005 of a difference, the claimed number of shares
    and values. `css` is the class that colours it, of letters only; the mark's shape follows from
    it. An end that is no number is open: the bar goes on to the edge. Nothing where no number is
    known.
    """
    if not any(map(math.isfinite, (effect, low, high))):
        return Markup("")
    axis = AXES.get(scale) or _axis_around(margin, (effect, low, high))
    neutral = margin if axis.neutral is None else axis.neutral
    parts: list[str] = [axis.marks]
    if axis.neutral is not None and margin > axis.neutral:  # effects that do not matter
        below = 1 / margin if scale == "ratio" else -margin
        left, right = _inside(axis.place(below)), _inside(axis.place(margin))
        parts.append(f'<path class="margin" d="M{left:.1f} 0H{right:.1f}V{HEIGHT}H{left:.1f}Z"/>')
    if math.isfinite(neutral):
        parts.append(f'<path class="zero" d="M{axis.place(neutral):.1f} 0V{HEIGHT}"/>')
    if math.isfinite(low) or math.isfinite(high):
        left = axis.place(low) if math.isfinite(low) else -math.inf
        right = axis.place(high) if math.isfinite(high) else math.inf
        parts += _bar(left, right)
    if math.isfinite(effect):
        dot = axis.place(effect)
        parts += _arrows(dot + 0.5, dot - 0.5) or [_mark(dot, css)]
    return Markup(  # numbers and letters only
        f'<svg class="effect {css}" aria-hidden="true" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'
    )


def _axis_around(claimed: float, numbers: tuple[float, ...]) -> Axis:
    """The axis of a value: around the claimed number, wide enough for all finite `numbers`."""
    middle = claimed if math.isfinite(claimed) else 0.0
    reach = max(abs(v - middle) for v in numbers if math.isfinite(v))
    reach = 1.25 * reach or abs(middle) or 1.0
    return Axis(middle - reach, middle + reach, None, VALUE_WORDS)


def _bar(left: float, right: float) -> list[str]:
    """The interval from `left` to `right`, with a cap at each end that is on the axis."""
    caps = "".join(
        f"M{end:.1f} {MIDDLE - CAP}v{2 * CAP:g}"
        for end in (left, right)
        if EDGE <= end <= WIDTH - EDGE
    )
    bar = f'<path class="bar" d="M{_inside(left):.1f} {MIDDLE}H{_inside(right):.1f}"/>'
    return [bar, *([f'<path class="cap" d="{caps}"/>'] if caps else []), *_arrows(left, right)]


def _mark(place: float, css: str) -> str:
    """A full dot where a claim is supported, a diamond where refuted, else a ring."""
    if css == "refuted":
        reach = DOT + 1
        turns = f"l{reach:g} {reach:g}l-{reach:g} {reach:g}l-{reach:g} -{reach:g}"
        return f'<path class="dot" d="M{place:.1f} {MIDDLE - reach:g}{turns}Z"/>'
    ring = "dot" if css == "supported" else "dot ring"
    return f'<circle class="{ring}" cx="{place:.1f}" cy="{MIDDLE}" r="{DOT:g}"/>'


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
