"""What the tables beside a champion's folder say of its study; nothing where there are none.

They lie in results/<study>/ and are no part of a copy of the champion alone.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from labbook.errors import LabbookError
from labbook.files import read_json
from labbook.prediction.champion import Champion

VERDICTS = ("id", "sentence", "verdict", "metric", "effect", "low", "high", "n", "why")
RIVALS = ("rival", "metric", "mean", "mean_low", "mean_high", "n", "verdict", "why")
MEASURES = ("who", "part", "metric", "mean", "low", "high", "n")


def beside(champion: Champion, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """These columns of a table of the study whose champion it is, if it lies in its folder."""
    folder = champion.folder.resolve().parent
    return list(_rows(folder / name, columns)) if _is_of(folder, champion) else []


def _is_of(folder: Path, champion: Champion) -> bool:
    """Whether the study in a folder has this champion."""
    try:
        about = read_json(folder / "study.json")
    except LabbookError:
        return False
    chosen = about.get("chosen") if isinstance(about, dict) else None
    return isinstance(chosen, dict) and chosen.get("run") == champion.about.run


def _rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        return
    with suppress(csv.Error), path.open(newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file, restval=""):
            yield {name: str(row.get(name) or "") for name in columns}


def measures_of(champion: Champion) -> dict[str, dict[str, Any]]:
    """The measures on test rows with their intervals over seeds, by name: `test_mse`."""
    measures = {name: one.model_dump() for name, one in champion.about.measures.items()}
    for row in beside(champion, "measures.csv", MEASURES):
        if row["who"] == champion.about.combination and row["part"] == "test":
            measures.setdefault(f"test_{row['metric']}", _figures(row))
    return measures


def _figures(row: Mapping[str, str]) -> dict[str, float]:
    ends = {key: as_number(row[key]) for key in ("mean", "low", "high")}
    return ends | {"n": int(row["n"]) if row["n"].isdecimal() else 0}


def as_number(text: str) -> float:
    """A field's number; NaN where it is empty."""
    try:
        return float(text)
    except ValueError:
        return math.nan
