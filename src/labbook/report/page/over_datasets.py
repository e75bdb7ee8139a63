"""One question, several data sets, as the page shows it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labbook.params.over_datasets import on
from labbook.report.page.claims import SYMBOLS, Claim, effect_text, verdict_counts
from labbook.report.page.graphic import effect_graphic
from labbook.report.result_tables import Row, value
from labbook.verdicts import AS_CLAIMED, REFUTED, SIZE_UNCLEAR, SUPPORTED, UNDECIDED
from labbook.wording import (
    NOTHING,
    Digits,
    count,
    listing,
    metric_name,
    number,
    p_value,
    percent,
    sentence,
)

WIDE = 10  # times the low end of an interval of ratios: its ends have no digits in common
FEW = 6  # data sets: with fewer not even their signs can decide


def over_datasets_view(rows: Sequence[Row], claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """What over_datasets.html.j2 calls `over_datasets`: a question each, empty for none."""
    by_id = {claim["id"]: claim for claim in claims}
    questions: dict[str, dict[str, Any]] = {}
    for row in rows:
        names = row["datasets"].split("; ")
        question = questions.setdefault(
            row["question"],
            {"name": row["question"], "asked": row["asked"], "few": _few(names), "claims": []},
        )
        question["claims"].append(_claim(row, names, by_id))
    return list(questions.values())


def _few(names: Sequence[str]) -> str:
    """How far all this may be believed."""
    if len(names) < 3:
        return "Two data sets say nothing about others."
    if len(names) < FEW:
        return f"{len(names)} data sets are few to say something about others like these."
    return f"What they have in common says something about data sets like these {len(names)}."


def _claim(row: Row, names: Sequence[str], by_id: Mapping[str, Claim]) -> dict[str, Any]:
    found = {name: by_id[on(row["id"], name)] for name in names if on(row["id"], name) in by_id}
    told = row["verdict"]
    css = told or "notjudged"
    effect, low, high = (value(row, name) for name in ("effect", "low", "high"))
    text = _in_words(row, "low", "high")
    margin = value(row, "margin")
    return {
        "id": row["id"],
        "sentence": row["sentence"],
        "found": list(found.items()),
        "over": {
            "verdict": told,
            "kind": row["kind"] if row["kind"] != AS_CLAIMED else "",
            "css": css,
            "symbol": SYMBOLS.get(told, NOTHING),
            "graphic": effect_graphic(row["scale"], effect, low, high, margin, css),
            "effect": text.mean,
            "interval": text.interval,
            "metric": metric_name(row["metric"]),
            "single": False,
            "falls": "",
            "often": "",
        },
        "n": row["n"],
        "p": p_value(value(row, "p_holm")),
        "test": row["test"],
        "words": [_here(row, found), *_like_these(row)],
    }


def _here(row: Row, found: Mapping[str, Claim]) -> str:
    """What holds on each of these data sets, or on which."""
    if row["here"]:
        return f"{sentence(row['here'])} on each of these {count(int(row['n']), 'data set')}."
    verdicts = {name: claim["verdict"] for name, claim in found.items()}
    parts = [
        f"{verdict} on {listing(n for n, one in verdicts.items() if one == verdict)}"
        for verdict, number in verdict_counts(verdicts.values()).items()
        if number
    ]
    return f"{sentence('; '.join(parts))}."


def _like_these(row: Row) -> list[str]:
    """What may be said about other data sets, and how much they differ."""
    if not row["verdict"]:
        return [f"It says nothing about other data sets: {row['why']}."]
    text = _in_words(row, "low", "high")
    size = f", on average {text.mean} ({text.interval})" if row["scale"] else ""
    unclear = ", which may be too small to matter" if row["kind"] == SIZE_UNCLEAR else ""
    said = {
        SUPPORTED: f"On data sets like these it holds{size}{unclear}.",
        REFUTED: f"On data sets like these it does not hold: {row['kind']}{size}.",
        UNDECIDED: f"On data sets like these it stays open{size}.",
    }
    words = [said[row["verdict"]]]
    further = _in_words(row, "further_low", "further_high")
    if row["scale"] and further.interval != NOTHING:
        words.append(
            "Measured on one further data set of this kind, the effect would lie anywhere from "
            f"{further.interval} (95 % prediction interval)."
        )
    if row["i2"]:
        words.append(_differ(value(row, "i2")))
    if row["why"]:
        words.append(f"{sentence(row['why'])}.")
    return words


def _in_words(row: Row, low: str, high: str) -> Digits:
    """The effect and the ends of an interval, so named; digits of their own where it is wide."""
    ends = [value(row, name) for name in ("effect", low, high)]
    if row["scale"] != "ratio" or not ends[2] > WIDE * ends[1]:
        return effect_text(row["scale"], *ends)
    mean, first, last = map(_short, ends)
    return Digits(mean, first, last)


def _short(ratio: float) -> str:
    """A ratio with two significant digits: ×42,000."""
    return NOTHING if math.isnan(ratio) else f"×{number(float(f'{ratio:.2g}'), 2)}"


def _differ(i2: float) -> str:
    """I2 in words."""
    if i2 == 0:
        return "There is no sign that the effect differs between these data sets (I² 0)."
    share = percent(i2)
    return f"Of the spread between these data sets {share} is more than their seeds explain (I²)."
