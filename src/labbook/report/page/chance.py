"""Where chance comes from, as the page shows it: the answer of such a study, and its table."""

import math
from collections.abc import Mapping
from typing import Any

from labbook.params.redraws import EVERYTHING, SPLIT, TRAINING
from labbook.report.chance_names import NAMES, STREAMS
from labbook.report.page.answer import NO_BREAK, estimate, middle
from labbook.report.page.combinations import combinations_view
from labbook.report.result_tables import Row, value
from labbook.report.study_results import StudyResults
from labbook.verdicts import FEWEST_SEEDS
from labbook.wording import NOTHING, count, digits, metric_name, sentence

READING = (
    "How to read a share of training or of a part of it: if this alone were drawn anew and all "
    "else kept, so much of the variance between seeds would be left; at 25 % error bars would be "
    "half as long as they should be. The split’s share is the rest."
)
TOGETHER = (
    "The split and training make up all of it. Parts of training act together, so their shares may "
    "add up to more than its own."
)


def chance_view(results: StudyResults) -> dict[str, Any]:
    """What chance.html.j2 calls `chance`; empty where there is nothing to say.

    Where all combinations are one setting also what takes the place of best ones and comparisons.
    """
    if not results.of_one_setting:
        return {"chance": {}}
    table = combinations_view(results)
    rows = [row | {"chosen": False, "reference": False} for row in table["combinations"]]
    chance = {
        "tables": _tables(results),
        "reading": READING,
        "together": TOGETHER,
        "left_out": _left_out(results),
    }
    return {
        "chance": chance,
        "answer": chance_answer(results),
        "best": "one setting",
        "more": [],
        "combinations": rows,
        "compared_with": "",
    }


def chance_answer(results: StudyResults) -> list[str]:
    """The answer where all combinations are one setting: sources, what to draw anew, its mean."""
    rows = {row["source"]: row for row in _rows(results) if row["metric"] == results.metric}
    found = {source: row for source, row in rows.items() if math.isfinite(value(row, "share"))}
    if SPLIT in found:
        sentences = [_split_and_training(results, found), _advice(found), _streams(found)]
    else:
        n = int(rows[EVERYTHING]["n"]) if EVERYTHING in rows else 0
        why = f"only {count(n, 'seed')} have a value of all runs"
        if n >= FEWEST_SEEDS:
            why = "all runs have the same value"
        text = f"Where chance in the {metric_name(results.metric)} comes from is not known"
        sentences = [f"{text}: {why}."]
    return [text for text in [*sentences, _setting(results, found)] if text]


def _split_and_training(results: StudyResults, found: Mapping[str, Row]) -> str:
    seeds = f"n{NO_BREAK}={NO_BREAK}{found[SPLIT]['n']} seeds"
    return (
        f"Of the variance of {metric_name(results.metric)} between seeds {in_words(found[SPLIT])} "
        f"comes from the split of the rows and {in_words(found[TRAINING])} from training ({seeds})."
    )


def _advice(found: Mapping[str, Row]) -> str:
    """Which of the two a user should draw anew; the rule is in docs/evidence.md."""
    low, high, n = value(found[SPLIT], "low"), value(found[SPLIT], "high"), found[SPLIT]["n"]
    left, least, most = (value(found[TRAINING], name) for name in ("share", "low", "high"))
    bars = digits(math.sqrt(left), math.sqrt(least), math.sqrt(most))
    shown = f"seeds that keep the split would show {percents(left)} of it, with error bars "
    shown += f"{bars.mean} ({bars.interval}) times as long as they should be"
    if low > 0.5:
        text = f"The split makes up most of it: {shown}"
    elif high < 0.5:
        text = "Training makes up most of it: on one and the same split, too, a single run says "
        text += f"little; {shown}"
    else:
        text = f"Which of the two is more cannot be told from {n} seeds, so draw both anew: {shown}"
    return f"{text}. labbook draws all of it anew with each seed."


def _streams(found: Mapping[str, Row]) -> str:
    """What would be left if one stream of training alone were drawn anew."""
    first, *others = [
        (name, in_words(found[stream])) for stream, name in STREAMS.items() if stream in found
    ] or [("", "")]
    if not first[0]:
        return ""
    text = f"If only {first[0]} were drawn anew, {first[1]} of the variance would be left"
    return "; ".join([text, *(f"if only {name}, {share}" for name, share in others)]) + "."


def _setting(results: StudyResults, found: Mapping[str, Row]) -> str:
    """That nothing is compared, and what the one setting gives."""
    row = results.means.get(results.reference, {})
    text = (
        f"The {count(len(results.labels), 'combination')} are one and the same setting: what "
        f"differs between them is chance, and none is better. Its {middle(results.metric, row)} "
        f"{metric_name(results.metric)} is {estimate(row)}"
    )
    if EVERYTHING in found and SPLIT in found:
        spread = f"{spread_in_words(found[EVERYTHING])}, a standard deviation"
        text += f"; a run with another seed is typically off by {spread}"
    return f"{text}."


def percents(share: float) -> str:
    """`30 %`, whole: shares are not known better than that."""
    return f"{100 * share:.0f}{NO_BREAK}%" if math.isfinite(share) else NOTHING


def in_words(row: Row) -> str:
    """`30 % (12 to 61 %)` of a row of chance.csv."""
    return f"{percents(value(row, 'share'))} ({interval_in_words(row)})"


def interval_in_words(row: Row) -> str:
    """`12 to 61 %`; a dash where there is none."""
    low, high = value(row, "low"), value(row, "high")
    return f"{100 * low:.0f} to {percents(high)}" if math.isfinite(low + high) else NOTHING


def spread_in_words(row: Row) -> str:
    """`×1.06 (1.04 to 1.09)` or `0.004 (0.003 to 0.006)`; a dash where there is none."""
    text = digits(value(row, "spread"), value(row, "spread_low"), value(row, "spread_high"))
    if text.mean == NOTHING:
        return NOTHING
    factor = "×" if row["scale"] == "ratio" else ""
    return f"{factor}{text.mean} ({text.interval})"


def _rows(results: StudyResults) -> list[dict[str, str]]:
    return results.table("chance")


def _tables(results: StudyResults) -> list[tuple[str, list[dict[str, Any]]]]:
    """For each metric the words for its variance, and a row per source."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(results):
        source = row["source"]
        cells = {
            "name": sentence(NAMES.get(source, source)),
            "share": percents(value(row, "share")),
            "interval": NOTHING if source == EVERYTHING else interval_in_words(row),
            "spread": spread_in_words(row),
            "n": row["n"],
            "part": source in STREAMS,
        }
        of_log = "the logarithm of " if row["scale"] == "ratio" else ""
        tables.setdefault(f"{of_log}{metric_name(row['metric'])}", []).append(cells)
    return list(tables.items())


def _left_out(results: StudyResults) -> str:
    """How many seeds are left out because a run of theirs has no value."""
    seeds = len(results.about.get("seeds") or ())
    lost = [seeds - int(row["n"]) for row in _rows(results) if row["metric"] == results.metric]
    if not any(lost):
        return ""
    text = f"{max(lost)} of {count(seeds, 'seed')} left out, of which a run has no value: "
    return f"{text}the shares are those of seeds without failures."
