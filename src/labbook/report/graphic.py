"""A small picture of an effect and its interval, for a cell of a table."""

import math

from markupsafe import Markup

WIDTH, HEIGHT, MARGIN = 132, 20, 5


def effect_graphic(effect: float, low: float, high: float, verdict: str) -> Markup:
    """An interval as a bar around a dot, with a line at zero; right of it is "as claimed".

    Each picture has its own scale, from the largest of the three numbers to its negative, since
    effects differ in unit. Nothing where there is no effect.
    """
    ends = [abs(v) for v in (effect, low, high) if math.isfinite(v)]
    if not math.isfinite(effect):
        return Markup("")
    largest = max(ends) or 1.0
    middle, reach = WIDTH / 2, WIDTH / 2 - MARGIN

    def place(value: float) -> str:
        return f"{middle + reach * value / largest:.1f}"

    bar = ""
    if math.isfinite(low) and math.isfinite(high):
        y = HEIGHT // 2
        bar = f'<path class="bar" d="M{place(low)} {y}H{place(high)}"/>'
    name = "".join(c for c in verdict if c.isalpha())
    return Markup(  # numbers and letters only
        f'<svg class="effect {name}" aria-hidden="true" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">'
        f'<path class="claimed" d="M{middle:g} 0H{WIDTH}V{HEIGHT}H{middle:g}Z"/>'
        f'<path class="zero" d="M{middle:g} 0V{HEIGHT}"/>{bar}'
        f'<circle cx="{place(effect)}" cy="{HEIGHT // 2}" r="3.6"/></svg>'
    )
