"""Methods tuned against tuned, and the greedy ensemble, as the page shows them."""

import math
from collections.abc import Sequence
from typing import Any

from labbook.measures import higher_is_better
from labbook.params.tries import WHOLE
from labbook.report.page.answer import NO_BREAK, estimate, middle
from labbook.report.result_tables import Row, interval, value
from labbook.report.study_results import StudyResults
from labbook.wording import (
    NOTHING,
    change,
    count,
    digits,
    listing,
    metric_name,
    number,
    p_value,
    plain,
    sentence,
)

FEW = 3  # tries, beside those that a claim or the study has


def tuned_view(results: StudyResults) -> dict[str, Any]:
    """What tuned.html.j2 calls `tuned`; empty where there is nothing to say."""
    rows = results.table("expected_best")
    return {
        "tuned": {
            "sentences": [text for text in (_methods(rows), _whole(rows)) if text],
            "tables": _tables(rows),
            "together": _together(results),
        }
    }


def _at(rows: Sequence[Row], side: str, tries: int) -> Row | None:
    """The row of a side at so many tries."""
    found = (row for row in rows if row["side"] == side and value(row, "tries") == tries)
    return next(found, None)


def _claimed(rows: Sequence[Row]) -> list[Row]:
    """The rows of methods at the tries that claims have, of the largest that all have."""
    claimed = [row for row in rows if row["claimed"] and row["side"] != WHOLE]
    most = max((value(row, "tries") for row in claimed), default=0)
    metric = claimed[0]["metric"] if claimed else ""
    return [row for row in claimed if value(row, "tries") == most and row["metric"] == metric]


def _methods(rows: Sequence[Row]) -> str:
    """Which method ends first and which last, with so many tries and with few."""
    ends = _claimed(rows)
    if len(ends) < 2:
        return ""
    sign = -1 if higher_is_better(ends[0]["metric"]) else 1
    ranked = sorted(ends, key=lambda row: sign * value(row, "mean"))
    first, last = ranked[0], ranked[-1]
    tries, name = int(value(first, "tries")), metric_name(first["metric"])
    text = (
        f"With {count(tries, 'try', 'tries')} each, {plain(first['side'])} ends at a {name} of "
        f"{estimate(first)}, {plain(last['side'])} at {estimate(last)}"
    )
    text += _with_few(rows, first, last) if tries > FEW else ""
    if len(ends) > 2:
        text += f". These are the first and the last of {len(ends)}"
    return f"{text}. Whether a difference is more than chance, the claims say."


def _with_few(rows: Sequence[Row], first: Row, last: Row) -> str:
    """The same two with few tries, or which of them may then have failed altogether."""
    few = {row["side"]: _at(rows, row["side"], FEW) for row in (first, last)}
    found = [estimate(row) for row in few.values() if row]
    if len(found) == len(few):
        return f"; with {FEW} tries each at {' and '.join(found)}"
    names = listing(plain(side) for side, row in few.items() if not row)
    return f"; with {FEW} tries all may fail ({names})"


def _whole(rows: Sequence[Row]) -> str:
    """What the study's own search gives, where it drew its combinations."""
    own = [row for row in rows if row["side"] == WHOLE]
    if not own:
        return ""
    few = _at(rows, WHOLE, FEW)
    last, name = own[-1], metric_name(own[-1]["metric"])
    most = count(int(value(last, "tries")), "try", "tries")
    what = "Of all combinations together: with" if len(own) < len(rows) else "With"
    with_few = f"; with {FEW} tries at {estimate(few)}" if few else ""
    return f"{what} {most} the search ends at a {name} of {estimate(last)}{with_few}."


def _tables(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """By side what 1, 3, 10, ... tries give; the figure has them all."""
    sides = list(dict.fromkeys((row["side"], row["metric"]) for row in rows))
    tables = []
    for metric in dict.fromkeys(metric for _, metric in sides):
        of = [row for row in rows if row["metric"] == metric]
        numbers = _numbers(of)
        lines = []
        for side in dict.fromkeys(row["side"] for row in of):
            cells = [_figure(_at(of, side, tries)) for tries in numbers]
            n = next(row["n"] for row in of if row["side"] == side)
            name = "all combinations" if side == WHOLE else plain(side)
            if set(cells) != {NOTHING}:
                lines.append((name, cells, n))
        tables.append({
            "metric": sentence(metric_name(metric)), "middle": middle(metric), "rows": lines,
            "heads": [count(tries, "try", "tries") for tries in numbers],
        })  # fmt: skip
    return tables


def _numbers(rows: Sequence[Row]) -> list[int]:
    """The numbers of tries that a table has columns for: few, those of claims, and the most."""
    known = {int(value(row, "tries")) for row in rows}
    claimed = {int(value(row, "tries")) for row in rows if row["claimed"]}
    ends = claimed or {max(known)}
    return sorted({1, FEW, *ends} & known)


def _figure(row: Row | None) -> str:
    if row is None:
        return NOTHING
    text = digits(*interval(row))
    return f"{text.mean} ({text.interval})" if math.isfinite(value(row, "low")) else text.mean


def _together(results: StudyResults) -> str:
    """What the mean of several combinations gives, beside the chosen one."""
    rows = results.table("greedy_ensemble")
    if len(rows) < 2:
        return ""
    ensemble, chosen = rows[:2]
    effect = change(
        ensemble["scale"], value(ensemble, "effect"), value(ensemble, "effect_low"),
        value(ensemble, "effect_high"),
    )  # fmt: skip
    name, p = metric_name(ensemble["metric"]), p_value(value(ensemble, "p"))
    text = (
        f"Several combinations together, chosen one by one on validation rows of each seed (on "
        f"average {number(value(ensemble, 'members'), 2)} different ones of "
        f"{number(value(ensemble, 'candidates'))}), predict by their mean with a {name} of "
        f"{estimate(ensemble)}; {plain(chosen['who'])} alone has {estimate(chosen)}"
    )
    if math.isfinite(value(ensemble, "effect")):
        text += f". The mean's figure differs by {effect.mean} ({effect.interval}"
        tested = math.isfinite(value(ensemble, "p"))
        this = f", p_{p} of this one comparison alone".replace("_", NO_BREAK) if tested else ""
        text += f"{this})"
    return f"{text}. Whoever uses it needs all of their models."
