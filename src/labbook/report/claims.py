"""Claims and their verdicts as the page shows them."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from labbook.report.graphic import effect_graphic
from labbook.results import Row, StudyResults, value
from labbook.wording import MINUS, NOTHING, digits, metric_name, p_value

SYMBOLS = {"supported": "✓", "refuted": "✕", "undecided": "?", "not judged": "–"}


@dataclass(frozen=True)
class ClaimView:
    """One row of a table of claims."""

    study: str
    id: str
    sentence: str
    verdict: str
    symbol: str
    css: str
    graphic: Markup
    effect: str
    interval: str
    metric: str
    n: str
    p: str
    reported: str
    why: str
    single: bool


def claim_views(results: StudyResults) -> list[ClaimView]:
    """The claims of a study, in its order."""
    return [_view(results.name, row) for row in results.verdicts]


def _view(study: str, row: Row) -> ClaimView:
    verdict = row["verdict"]
    effect, low, high = (value(row, name) for name in ("effect", "low", "high"))
    text = digits(effect, low, high)
    sign = "+" if effect > 0 and not text.mean.startswith(MINUS) else ""
    n = value(row, "n")
    return ClaimView(
        study=study,
        id=row["id"],
        sentence=row["sentence"],
        verdict=verdict,
        symbol=SYMBOLS.get(verdict, NOTHING),
        css="".join(c for c in verdict if c.isalpha()),
        graphic=effect_graphic(effect, low, high, verdict),
        effect=sign + text.mean,
        interval=text.interval,
        metric=metric_name(row.get("metric", "")),
        n=f"{n:.0f}" if n == n else NOTHING,
        p=p_value(value(row, "p_holm")),
        reported=row.get("reported") or "",
        why=re.sub(r"(?<![\w.-])-(?=\d)", MINUS, row.get("why") or ""),
        single=n == 1,
    )


def verdict_counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many claims got each verdict; all four are there, in their fixed order."""
    counts = Counter(row["verdict"] for row in rows)
    return {verdict: counts[verdict] for verdict in SYMBOLS}
