"""The page's block of numbers: what its scripts draw and judge, in one compressed piece of text."""

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow

from labbook.files import read_json
from labbook.languages.figure import translated_figure
from labbook.languages.language import Language
from labbook.report.page.explorable import explorable
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults

LONG = 8  # numbers of a list that is worth telling once
EXACT = 2**53  # whole numbers up to here are exact in every script
MOST_PLACES = 12  # after the point: with more, numbers are as long as their differences


def block_of_numbers(results: Sequence[StudyResults], words: Language | None = None) -> str:
    """Of all studies, as base64 of gzip of JSON; what is said in them in another language."""
    data: dict[str, Any] = {"studies": {study.name: study_numbers(study) for study in results}}
    if words:
        data = translated_figure(data, words)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # The zlib inside of pyarrow is the same on all machines, and so are the bytes.
    packed = pyarrow.Codec("gzip", compression_level=9).compress(text.encode(), asbytes=True)
    return base64.b64encode(packed).decode()


def study_numbers(results: StudyResults) -> dict[str, Any]:
    """What scripts know of a study; combinations go by their place among its labels.

    In its figures, `{"same": 3}` stands for the list `lists[3]`, which they have several times, and
    `{"by": [120, 3, -1], "places": 2}` for the numbers 1.2, 1.23, 1.22: differences are shorter.
    """
    places = {label: place for place, label in enumerate(results.labels)}
    figures = _figures(results)
    lists = _repeated_lists(figures)
    return {
        "question": str(results.about.get("question") or ""),
        "labels": results.labels,
        "settings": _settings(results),
        "chosen": places.get(results.chosen or ""),
        "reference": places.get(results.reference),
        "figures": _with_places({text: place for place, text in enumerate(lists)}, figures),
        "lists": [_shorter(json.loads(text)) for text in lists],
        "claims": {claim["id"]: claim for claim in explorable(results)},
    }


def _settings(results: StudyResults) -> dict[str, list[float | str]]:
    """Of each varied setting its value in each combination: numbers where all are."""
    rows = {row["combination"]: row for row in results.combinations or results.runs}
    settings: dict[str, list[float | str]] = {}
    for name in results.about.get("varies") or ():
        cells = [rows[label].get(name, "") for label in results.labels]
        numbers = [as_number(cell) for cell in cells]
        settings[name] = [*numbers] if all(n - n == 0 for n in numbers) else [*cells]
    return settings


def _figures(results: StudyResults) -> dict[str, Any]:
    """The figures as panels of marks, by name."""
    folder = results.folder / "figures"
    entries = [entry for entry in results.figures() if "json" in entry]
    return {entry["name"]: read_json(folder / entry["json"]) for entry in entries}


def _repeated_lists(figures: Any) -> list[str]:
    """The long lists of numbers that figures have several times, as JSON."""
    uses = Counter(json.dumps(one) for one in _long_lists(figures))
    return [text for text, number in uses.items() if number > 1]


def _long_lists(part: Any) -> Iterator[list[float]]:
    if isinstance(part, list) and _is_long(part):
        yield part
    elif isinstance(part, list | dict):
        for one in part.values() if isinstance(part, dict) else part:
            yield from _long_lists(one)


def _with_places(places: Mapping[str, int], part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _with_places(places, value) for key, value in part.items()}
    if not isinstance(part, list):
        return part
    if not _is_long(part):
        return [_with_places(places, one) for one in part]
    place = places.get(json.dumps(part))
    return _shorter(part) if place is None else {"same": place}


def _shorter(numbers: list[float | None]) -> Any:
    """Numbers by how they differ in their last place, if that is the shorter text."""
    places = max((_places(one) for one in numbers if one is not None), default=MOST_PLACES + 1)
    if places > MOST_PLACES or any(abs(one or 0) * 10**places > EXACT for one in numbers):
        return numbers
    steps: list[int | None] = []
    before = 0
    for one in numbers:
        now = before if one is None else round(one * 10**places)
        steps.append(None if one is None else now - before)
        before = now
    by = {"by": steps, "places": places}
    return by if len(json.dumps(by)) < len(json.dumps(numbers)) else numbers


def _places(number: float) -> int:
    """Digits after the point."""
    exponent = Decimal(repr(number)).as_tuple().exponent
    return max(0, -int(exponent))


def _is_long(part: list[Any]) -> bool:
    return len(part) >= LONG and all(
        one is None or (isinstance(one, int | float) and not isinstance(one, bool)) for one in part
    )
