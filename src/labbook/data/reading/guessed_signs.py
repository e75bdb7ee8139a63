"""A guess at the signs in numbers: which one is before the decimals, which between thousands."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labbook.data.reading.cells import SPACES
from labbook.params.tables import Form

Texts = Mapping[str, Sequence[str]]
Found = dict[str, tuple[Any, str]]
MOST = 0.9  # share of a column's fields that are written in one way
LEAST_TIMES = 5  # that a number has thousands, or could have them and has not
HUNDREDS = 100  # so large is one of the latter, or they may all be small numbers
WHOLE = re.compile(r"[+-]?\d+([eE][+-]?\d+)?")
OTHER = {".": ",", ",": "."}
POINTS = {point: re.compile(rf"[+-]?\d*{re.escape(point)}\d*([eE][+-]?\d+)?") for point in ".,"}
# A point that may as well stand between thousands:
MAYBE = {point: re.compile(rf"[+-]?[1-9]\d{{0,2}}{re.escape(point)}\d{{3}}") for point in ".,"}
GROUPED = {
    (sign, point): re.compile(
        rf"[+-]?[1-9]\d{{0,2}}({re.escape(sign)}\d{{3}})+({re.escape(point)}\d+)?"
    )
    for sign in ".,' "
    for point in ".,"
    if sign != point
}


@dataclass(frozen=True)
class Written:
    """How the fields of a column are written: an example of each way, and whether most are so."""

    decimals: Mapping[str, str]  # by the sign, numbers with decimals beyond doubt
    maybe: Mapping[str, str]  # by the sign, numbers with decimals or with thousands
    grouped: Mapping[tuple[str, str], str]  # by both signs, numbers with thousands
    thousands: Mapping[str, bool]  # by the sign, whether `maybe` are thousands for sure

    def speaks_for(self, point: str) -> bool:
        """Whether it has decimals after this sign, and none after the other one."""
        return point in self.decimals and OTHER[point] not in self.decimals


def written(column: Sequence[str]) -> Written | None:
    """How a column of numbers is written; None where most of its fields are no numbers."""
    fields = Counter(text.translate(SPACES) for text in column if text)
    bare, rest = _divided(WHOLE, fields)
    maybe, points = {}, {}
    for point in ".,":
        maybe[point], rest = _divided(MAYBE[point], rest)
        points[point], rest = _divided(POINTS[point], rest)
    grouped = {signs: _divided(pattern, rest)[0] for signs, pattern in GROUPED.items()}
    odd = set(rest).difference(*grouped.values())
    if not fields or sum(fields[text] for text in odd) > (1 - MOST) * sum(fields.values()):
        return None
    decimals = points | {
        point: [*points[point], *(t for t in grouped[OTHER[point], point] if point in t)]
        for point in ".,"
    }
    sure = {point: _surely_thousands(fields, bare, maybe[point]) for point in ".,"}
    return Written(_first(decimals), _first(maybe), _first(grouped), sure)


def _divided(pattern: re.Pattern[str], texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """The texts that are written so, and the others."""
    so: list[str] = []
    others: list[str] = []
    for text in texts:
        (so if pattern.fullmatch(text) else others).append(text)
    return so, others


def _surely_thousands(fields: Counter[str], bare: Sequence[str], maybe: Sequence[str]) -> bool:
    """Whether all numbers of 1,000 and more have the sign, and smaller ones have none."""
    whole = [text for text in bare if text.lstrip("+-").isdecimal()]
    sizes = [int(text.lstrip("+-")) for text in whole]
    return (
        sum(fields[text] for text in maybe) >= LEAST_TIMES
        and sum(fields[text] for text in whole) >= LEAST_TIMES
        and len(whole) == len(bare)
        and HUNDREDS <= max(sizes) < 10 * HUNDREDS
    )


def _first(ways: Mapping[Any, Sequence[str]]) -> dict[Any, str]:
    return {way: texts[0] for way, texts in ways.items() if texts}


def signs(columns: Texts, form: Form) -> Found:
    """`decimal` and `thousands`, where a column has no sense without them."""
    ways = {name: way for name, column in columns.items() if (way := written(column))}
    commas = {n: w.decimals[","] for n, w in ways.items() if w.speaks_for(",")}
    points = {n: w.decimals["."] for n, w in ways.items() if w.speaks_for(".")}
    if form.delimiter == ",":  # such a field has quotation marks: it may be a list
        commas = {n: t for n, t in commas.items() if (".", ",") in ways[n].grouped}
    likely = {p: {n: w.maybe[p] for n, w in ways.items() if w.thousands[p]} for p in ".,"}
    if commas and len(commas) >= len(points):
        return _with_comma(commas) | _thousands(ways, ",")
    if points:
        return _thousands(ways, ".")
    if likely["."]:
        return _whole_thousands(".", likely["."])
    if likely[","]:
        return _whole_thousands(",", likely[","])
    commas = {n: w.maybe[","] for n, w in ways.items() if "," in w.maybe and "." not in w.maybe}
    if commas and form.delimiter != ",":
        return _with_comma(commas)
    return _thousands(ways, ".")


def _with_comma(found: Mapping[str, str]) -> Found:
    return {"decimal": (",", f"{_example(found)} is a number with a decimal comma")}


def _thousands(ways: Mapping[str, Written], point: str) -> Found:
    """The sign between thousands beside this one before decimals, if there is such a column."""
    for sign in (OTHER[point], "'", " "):
        found = {n: text for n, way in ways.items() if (text := _grouped(way, sign, point))}
        if found:
            return {"thousands": (sign, f"{_example(found)} is a number with {sign!r} in it")}
    return {}


def _grouped(way: Written, sign: str, point: str) -> str:
    """A number of a column with thousands, if its others have no other signs."""
    if OTHER[point] in way.decimals:
        return ""
    return way.grouped.get((sign, point), "") or way.maybe.get(sign, "")


def _whole_thousands(sign: str, found: Mapping[str, str]) -> Found:
    """Thousands where no number has decimals at all."""
    reason = f"{_example(found)}: three digits behind each, and none in numbers below 1000"
    decimal: Found = {"decimal": (",", "the point is between thousands")} if sign == "." else {}
    return decimal | {"thousands": (sign, reason)}


def _example(found: Mapping[str, str]) -> str:
    name, text = next(iter(found.items()))
    return f"{text} in the column {name!r}"


def doubts(columns: Texts, form: Form) -> Iterator[tuple[str, str]]:
    """Columns that may be written with other signs than the form has, each with a clause."""
    other = OTHER[form.decimal]
    for name, column in columns.items():
        if (way := written(column)) is None:
            continue
        if other in way.decimals:
            yield (
                name,
                f"it has numbers such as {way.decimals[other]}, and the file's `decimal` is "
                f"{form.decimal!r}: write all columns in one way",
            )
        elif form.decimal in way.maybe and form.decimal not in way.decimals:
            fields = set(filter(None, column))
            below = [text for text in fields if WHOLE.fullmatch(text)]
            if below and all(text.lstrip("+-").isdecimal() and len(text) <= 3 for text in below):
                yield (
                    name,
                    f"{way.maybe[form.decimal]} beside {min(below)} may be thousands; if so, "
                    f"`decimal: {other!r}` and `thousands: {form.decimal!r}`",
                )
