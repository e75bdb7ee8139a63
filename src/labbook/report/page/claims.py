"""Claims and their verdicts as the page shows them."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from labbook.report.page.graphic import effect_graphic
from labbook.report.result_tables import Row, value
from labbook.report.study_results import StudyResults
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
MEANINGS = {
    "supported": "the runs show what was claimed",
    "refuted": "they show the opposite, less, or no difference that matters",
    "undecided": "they show neither, which is no proof that there is no effect",
    "not judged": "the data are a stand-in",
}
NO_METRIC = ("share", "exact")  # forms whose effect is not that of a metric
PERCENT = "\N{NO-BREAK SPACE}%"

Claim = dict[str, Any]  # a row of verdicts.csv with its numbers in words, as the templates use it


def claim_views(results: StudyResults) -> list[Claim]:
    """The claims of a study, in its order."""
    return [_view(results.name, row) for row in results.verdicts]


def _view(study: str, row: Row) -> Claim:
    verdict, scale, form = row["verdict"], row["scale"], row["form"]
    effect, low, high, margin, n = (
        value(row, name) for name in ("effect", "low", "high", "margin", "n")
    )
    css = "".join(c for c in verdict if c.isalpha())
    text = effect_text(scale, effect, low, high)
    return {
        **row,
        "study": study,
        "group": row["group"] or OWN,
        "kind": row["kind"] if row["kind"] != "as claimed" else "",
        "symbol": SYMBOLS.get(verdict, NOTHING),
        "css": css,
        "graphic": effect_graphic(scale, effect, low, high, margin, css),
        "number": effect,
        "bound": margin,
        "effect": text.mean,
        "interval": text.interval if text.low != text.high else NOTHING,
        "metric": "" if form in NO_METRIC else metric_name(row["metric"]),
        "n": f"{n:.0f}" if n == n else NOTHING,
        "p": p_value(value(row, "p_holm")),
        "looked": _looked(row),
        "margin": _margin(scale, form, margin),
        # The figures of errors and epochs are means of another kind than readers expect.
        "ours_label": "Ours, geometric means" if row["middle"] == mean_name(ratio=True) else "Ours",
        "why": re.sub(r"(?<![\w.-])-(?=\d)", MINUS, row["why"]),
        "single": n == 1 and form != "exact",
        "stand_in": row["data"] == STAND_IN,
        "often": better_words(row),
        **standing_view({}),
    }


def standing_view(row: Row) -> dict[str, str]:
    """What a row of claims.csv says of the verdict among all of the page; nothing where it stands.

    `falls` is for a reader of the page, `q` its false discovery rate.
    """
    falls = row.get("stands") == "no"
    return {"falls": f"may be chance: q {p_value(value(row, 'q'))} over the page" if falls else ""}


def better_words(row: Row) -> str:
    """`as claimed on about 9 of 10 further seeds (6 to 10)`; empty where there is no such share.

    "Better" alone would leave open which side is, where a sentence claims that one is worse; but of
    a claim by at least so much, which has no margin, a seed can be better and short of that.
    """
    text = of_ten(row)
    number_of, _, ends = text.partition(" ")
    how = "as claimed" if math.isfinite(value(row, "margin")) else "better"
    how = "first side better" if row["form"] == "alike" else how
    of = f"{number_of} of 10".replace(" ", "\N{NO-BREAK SPACE}")
    return f"{how} on about {of} further seeds {ends}" if text else ""


def of_ten(row: Row) -> str:
    """`9 (6 to 10)`: on how many of ten further seeds the first side has the better value.

    The ends of the interval are rounded outwards.
    """
    share, low, high = (
        10 * value(row, name) for name in ("better_in", "better_low", "better_high")
    )
    if not math.isfinite(share):
        return ""
    return f"{math.floor(share + 0.5)} ({math.floor(low)} to {math.ceil(high)})"


def effect_text(scale: str, effect: float, low: float, high: float) -> Digits:
    """An effect and the ends of its interval as the scale is read: ×1.30, +0.012, 75 %.

    A ratio of which only one end is known reads `above ×3.2` or `below ×0.4`.
    """
    if scale == "ratio" and math.isfinite(effect):
        return times(digits(effect, low, high))
    if scale == "ratio":
        bounds = [f"above ×{number(low)}"] if math.isfinite(low) else []
        bounds += [f"below ×{number(high)}"] if math.isfinite(high) else []
        return Digits(", ".join(bounds) or NOTHING, NOTHING, NOTHING)
    if scale == "share":
        ends = digits(100 * effect, 100 * low, 100 * high)[:3]
        texts = [end if end == NOTHING else end + PERCENT for end in ends]
        return Digits(texts[0], texts[1], texts[2])
    if scale == "value":
        return digits(effect, low, high)
    return change(scale, effect, low, high)


def _looked(row: Row) -> str:
    """`look 2 of 4, 16 seeds`: when a claim of a study in rounds was judged; empty for others."""
    look, seeds = row.get("look", ""), value(row, "n") if "n" in row else math.nan
    if not look or not math.isfinite(seeds):
        return f"look {look}" if look else ""
    return f"look {look}, {seeds:.0f} seeds"


def _margin(scale: str, form: str, margin: float) -> str:
    """What the margin is, in words, or the claimed number; nothing for orders."""
    if not math.isfinite(margin) or scale == "correlation":
        return ""
    if scale in ("ratio", "difference"):
        return f"margin {'×' if scale == 'ratio' else ''}{margin:g}"
    claimed = f"{number(100 * margin)}{PERCENT}" if scale == "share" else number(margin)
    return f"claimed {claimed}" if form == "exact" else f"claimed bound {claimed}"


def verdict_counts(verdicts: Iterable[str]) -> dict[str, int]:
    """How many claims got each verdict; all four are there, in their fixed order."""
    counts = Counter(verdicts)
    return {verdict: counts[verdict] for verdict in SYMBOLS}


def verdicts_in_words(verdicts: Iterable[str]) -> str:
    """`3 supported, 1 undecided`: the verdicts that occur."""
    return ", ".join(f"{n} {verdict}" for verdict, n in verdict_counts(verdicts).items() if n)
