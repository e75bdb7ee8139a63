"""A small histogram, for a cell of a table."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

WIDTH, HEIGHT = 96, 24  # of its own units; the page's style says how large it is drawn


def histogram_graphic(histogram: Mapping[str, Any] | None) -> Markup:
    """The counts of a histogram as bars, those of single values with gaps between them.

    Nothing where there is none. A count above 0 is always seen.
    """
    counts = histogram["counts"] if histogram else []
    if not counts:
        return Markup("")
    gap = 1 if histogram and "values" in histogram else 0
    edges = [round(WIDTH * place / len(counts)) for place in range(len(counts) + 1)]
    steps, before = "", 0
    for left, right, count in zip(edges, edges[1:], counts, strict=False):
        height = max(1, round(HEIGHT * count / max(counts))) if count else 0
        steps += f"v{before - height}" if height != before else ""
        steps += f"h{right - left - gap}"
        before = height
        if gap:
            steps, before = f"{steps}v{height}h{gap}", 0
    return Markup(  # numbers and letters only
        f'<svg class="histogram" aria-hidden="true" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none"><path d="M0 {HEIGHT}{steps}V{HEIGHT}z"/></svg>'
    )
