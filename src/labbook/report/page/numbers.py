"""The page's block of numbers: what its scripts draw and judge, in one compressed piece of text."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pyarrow

from labbook.files import read_json
from labbook.languages.figure import translated_figure
from labbook.languages.language import Language
from labbook.report.page.explorable import explorable
from labbook.report.study_results import StudyResults, as_number


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
    """What scripts know of a study; combinations go by their place among its labels."""
    places = {label: place for place, label in enumerate(results.labels)}
    return {
        "question": str(results.about.get("question") or ""),
        "labels": results.labels,
        "settings": _settings(results),
        "chosen": places.get(results.chosen or ""),
        "reference": places.get(results.reference),
        "figures": _figures(results),
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
