"""A small histogram, for a cell of a table."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup

from labbook.data.summaries import within

WIDTH, HEIGHT = 96, 24  # of its own units; the page's style says how large it is drawn
WIDEST, NARROWEST = 11, 2  # bars of single values


def histogram_graphic(histogram: Mapping[str, Any] | None) -> Markup:
    """The counts of a histogram as data/summaries.py has them; nothing where there is none.

    Single values have a bar each, where they lie between the lowest and the highest; bins stand
    side by side. A count above 0 is always seen.
    """
    if not histogram or not histogram["counts"]:
        return Markup("")
    most = max(histogram["counts"])
    heights = [max(1, round(HEIGHT * n / most)) if n else 0 for n in histogram["counts"]]
    values = histogram.get("values")
    path = _bins(heights) if values is None else _bars(values, heights)
    return Markup(  # numbers and letters only
        f'<svg class="histogram" aria-hidden="true" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none"><path d="{path}"/></svg>'
    )


def _bins(heights: Sequence[int]) -> str:
    """One outline of all."""
    edges = [round(WIDTH * place / len(heights)) for place in range(len(heights) + 1)]
    steps, before = "", 0
    for height, (left, right) in zip(heights, pairwise(edges), strict=True):
        steps += f"v{before - height}h{right - left}" if height != before else f"h{right - left}"
        before = height
    return f"M0 {HEIGHT}{steps}V{HEIGHT}z"


def _bars(values: Sequence[float], heights: Sequence[int]) -> str:
    several = len(values) > 1
    shares = within(np.array(values), values[0], values[-1]).tolist() if several else [0.5]
    closest = min((b - a for a, b in pairwise(shares)), default=1.0)
    width = max(NARROWEST, min(WIDEST, round(closest * WIDTH) - 1))
    bars = zip(shares, heights, strict=True)
    return "".join(
        f"M{round((WIDTH - width) * share)} {HEIGHT}v-{height}h{width}v{height}z"
        for share, height in bars
    )
