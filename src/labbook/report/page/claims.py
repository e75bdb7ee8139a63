"""Claims and their verdicts as the page shows them."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from labbook.report.page.graphic import effect_graphic
from labbook.report.study_results import Row, StudyResults, value
from labbook.verdicts import OWN, STAND_IN
from labbook.wording import (
    MINUS,
    NOTHING,
    Digits,
    change,
    digits,
    mean_name,
    metric_name,
    number,
    p_value,
    times,
)

SYMBOLS = {"supported": "✓", "refuted": "✕", "undecided": "?", "not judged": "–"}
NUMBERS = ("effect", "low", "high", "margin", "n", "p_holm", "fresh_seeds")
NO_METRIC = ("share", "exact")  # forms whose effect is not that of a metric


@dataclass(frozen=True)
class ClaimView:
    """One row of a table of claims."""

    study: str
    id: str
    group: str
    sentence: str
    verdict: str
    kind: str
    symbol: str
    css: str
    scale: str
    graphic: Markup
    effect: str
    interval: str
    metric: str
    n: str
    p: str
    test: str
    margin: str
    reported: str
    ours: str
    ours_label: str
    why: str
    fresh_seeds: int | None
    new_data: str
    single: bool
    stand_in: bool


def claim_views(results: StudyResults) -> list[ClaimView]:
    """The claims of a study, in its order."""
    return [_view(results.name, row) for row in results.verdicts]


def _view(study: str, row: Row) -> ClaimView:
    verdict, scale = row["verdict"], row["scale"]
    effect, low, high, margin, n, p, more = (value(row, name) for name in NUMBERS)
    css = "".join(c for c in verdict if c.isalpha())
    text = effect_text(scale, effect, low, high)
    return ClaimView(
        study=study,
        id=row["id"],
        group=row["group"] or OWN,
        sentence=row["sentence"],
        verdict=verdict,
        kind=row["kind"] if row["kind"] != "as claimed" else "",
        symbol=SYMBOLS.get(verdict, NOTHING),
        css=css,
        scale=scale,
        graphic=effect_graphic(scale, effect, low, high, margin, css),
        effect=text.mean,
        interval=text.interval if text.low != text.high else NOTHING,
        metric="" if row["form"] in NO_METRIC else metric_name(row.get("metric", "")),
        n=f"{n:.0f}" if n == n else NOTHING,
        p=p_value(p),
        test=row.get("test") or "",
        margin=_margin(scale, row["form"], margin),
        reported=row.get("reported") or "",
        ours=row.get("ours") or "",
        ours_label=_ours_label(row),
        why=re.sub(r"(?<![\w.-])-(?=\d)", MINUS, row.get("why") or ""),
        fresh_seeds=int(more) if more == more else None,
        new_data=row.get("new_data") or "",
        single=n == 1 and row["form"] != "exact",
        stand_in=row.get("data") == STAND_IN,
    )


def effect_text(scale: str, effect: float, low: float, high: float) -> Digits:
    """An effect and the ends of its interval as the scale is read: ×1.30, +0.012, 75 %.

    A ratio of which only one end is known reads `above ×3.2` or `below ×0.4`.
    """
    if scale == "ratio":
        if not math.isfinite(effect):
            return _open_ratio(low, high)
        return times(digits(effect, low, high))
    if scale == "share":
        return _percent(digits(100 * effect, 100 * low, 100 * high))
    if scale == "value":
        return digits(effect, low, high)
    return change(scale, effect, low, high)


def _open_ratio(low: float, high: float) -> Digits:
    ends = [f"above ×{number(low)}"] if math.isfinite(low) else []
    ends += [f"below ×{number(high)}"] if math.isfinite(high) else []
    return Digits(", ".join(ends) or NOTHING, NOTHING, NOTHING)


def _percent(text: Digits) -> Digits:
    sign = "\N{NO-BREAK SPACE}%"
    mean, low, high = (one if one == NOTHING else one + sign for one in text[:3])
    return Digits(mean, low, high)


def _ours_label(row: Row) -> str:
    """`Ours`, and what kind of means the figures are where they are means of errors or epochs."""
    return "Ours, geometric means" if row.get("middle") == mean_name(ratio=True) else "Ours"


def _margin(scale: str, form: str, margin: float) -> str:
    """What the margin is, in words, or the claimed number; nothing for orders."""
    if not math.isfinite(margin) or scale == "correlation":
        return ""
    if scale == "ratio":
        return f"margin ×{margin:g}"
    if scale == "difference":
        return f"margin {margin:g}"
    claimed = f"{number(100 * margin)}\N{NO-BREAK SPACE}%" if scale == "share" else number(margin)
    return f"claimed {claimed}" if form == "exact" else f"claimed bound {claimed}"


def verdict_counts(verdicts: Iterable[str]) -> dict[str, int]:
    """How many claims got each verdict; all four are there, in their fixed order."""
    counts = Counter(verdicts)
    return {verdict: counts[verdict] for verdict in SYMBOLS}
