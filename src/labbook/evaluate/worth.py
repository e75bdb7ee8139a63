"""What rivals.csv says in sentences: does the network beat the best of the simpler models?"""

from collections.abc import Mapping, Sequence
from typing import Any

from labbook.verdicts import ALIKE, NOT_JUDGED, REFUTED, SUPPORTED, UNDECIDED
from labbook.wording import NOTHING, change, count, listing, metric_name, sentence

Row = Mapping[str, Any]
NO_BREAK = "\N{NO-BREAK SPACE}"


def worth(chosen: str, rows: Sequence[Row], combinations: int, tuned: bool = False) -> list[str]:
    """First of the best rival by validation rows, then of the others, then of what was chosen."""
    best = next(row for row in rows if row["best"])
    others = [row for row in rows if row is not best]
    return [
        f"{chosen} {_verb(best)} {best['rival']}, the best of {count(len(rows), 'rival')} by "
        f"validation rows: {_figures(best)}.",
        *filter(None, [_others(others), _tuned(combinations, tuned)]),
    ]


def _verb(row: Row) -> str:
    if row["verdict"] == NOT_JUDGED:
        return "stands beside"
    if row["verdict"] == SUPPORTED:
        return "beats"
    return "does not beat" if row["verdict"] == REFUTED else "is not shown to beat"


def _figures(row: Row) -> str:
    """`test MSE −3.1 % (95 % interval −5.1 % to −0.9 %; supported)`."""
    text = change(row["scale"], row["effect"], row["low"], row["high"])
    verdict = row["verdict"]
    if verdict == REFUTED and row["kind"] == ALIKE:
        verdict = f"{verdict}: {ALIKE}"
    if verdict == NOT_JUDGED:
        verdict = f"{verdict} on a stand-in"
    if text.mean == NOTHING:
        return f"by {metric_name(row['metric'])} ({verdict})"
    words = "no interval" if text.interval == NOTHING else f"95_% interval {text.interval}"
    return f"{metric_name(row['metric'])} {text.mean} ({words}; {verdict})".replace("_", NO_BREAK)


def _others(rows: Sequence[Row]) -> str:
    """Of which other rivals what is shown."""
    parts = []
    for verdict, words in (
        (SUPPORTED, "beats {}"),
        (REFUTED, "does not beat {}"),
        (UNDECIDED, "is not shown to beat {}"),
    ):
        names = [row["rival"] for row in rows if row["verdict"] == verdict]
        if names:
            parts.append(words.format(listing(names)))
    return f"It {'; it '.join(parts)}." if parts else ""


def _tuned(combinations: int, tuned: bool) -> str:
    """What was given to the network, and what to the rivals."""
    if combinations == 1 and not tuned:
        return ""
    own = f"the best of {combinations} combinations by validation rows"
    own = own if combinations > 1 else "one combination, not tuned"
    rivals = "tuned on validation rows, too, each the best of a few settings"
    rivals = rivals if tuned else "as they come, not tuned"
    return sentence(f"the network is {own}; the rivals are {rivals}.")
