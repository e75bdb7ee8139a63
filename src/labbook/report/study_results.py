"""Reads what evaluate wrote about a study: `study.json` and the tables beside it."""

import csv
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES, read_bytes, read_json
from labbook.metrics import higher_is_better
from labbook.training.runfile import DIVERGED

Row = Mapping[str, str]

NEEDED = {
    "runs": ("combination", "seed", "ended"),
    "combinations": ("combination", "metric", "n", "mean", "low", "high"),
    "comparisons": ("combination", "reference", "metric", "scale", "n", "effect", "low", "high"),
    "verdicts": ("id", "sentence", "verdict", "kind", "form", "scale", "effect", "margin", "group"),
    "curves": ("combination", "epoch", "train_mean", "valid_mean"),
    "predictions": ("combination", "seed", "part", "true", "predicted"),
    "diagnosis": ("combination", "diagnosis", "advice"),
    "importance": ("setting", "kind", "share", "low", "high", "n", "method"),
    "confusion": ("combination", "part", "true", "predicted", "count"),
    "published": ("combination", "metric", "set", "value", "source"),
}


def value(row: Row, column: str) -> float:
    """The number in a cell; NaN where the cell is empty, missing or not a number."""
    try:
        return float(row.get(column) or "nan")
    except ValueError:
        return math.nan


def as_number(given: Any) -> float:
    """A number of a JSON file or of a table's cell; NaN for none."""
    return math.nan if given in (None, "") else float(given)


def measured(run: Row, metric: str) -> float:
    """A run's metric by its row in runs.csv; NaN where it has none.

    The table also has the epochs of runs that diverged: they never came to the end.
    """
    diverged = run["ended"].startswith(DIVERGED) if metric == "epochs" else run["ended"] == DIVERGED
    return math.nan if diverged else value(run, metric)


def _read_table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    try:
        text = read_bytes(path, CONTENT_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise LabbookError(
            f"{path}: cannot be read ({error}). Remove it and run snakemake again: evaluate makes "
            "it anew."
        ) from error
    reader = csv.DictReader(StringIO(text, newline=""), restval="")
    rows, names = list(reader), reader.fieldnames or ()
    missing = [name for name in NEEDED[path.stem] if names and name not in names]
    if missing:
        raise LabbookError(
            f"{path}: no column {', '.join(missing)} (found: {', '.join(names)}). "
            "Remove the file and run snakemake again: evaluate makes it anew."
        )
    return rows


@dataclass(frozen=True)
class StudyResults:
    """One study's results; tables that are not there are empty."""

    folder: Path
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.about["name"])

    @property
    def metric(self) -> str:
        """What the study compares, `valid_mse` for example."""
        return str(self.about["metric"])

    @property
    def chosen(self) -> str | None:
        """Label of the combination chosen by validation data, None if all diverged."""
        label = (self.about.get("chosen") or {}).get("label")
        return None if label is None else str(label)

    @property
    def reference(self) -> str:
        """Label of the combination that the others are compared with."""
        return str(self.about["reference"])

    @cached_property
    def runs(self) -> list[dict[str, str]]:
        """One row per run."""
        return self.table("runs")

    @cached_property
    def verdicts(self) -> list[dict[str, str]]:
        """One row per claim."""
        return self.table("verdicts")

    @cached_property
    def labels(self) -> list[str]:
        """Labels of the combinations in the study's order."""
        rows = self.table("combinations") or self.runs
        return list(dict.fromkeys(row["combination"] for row in rows))

    @cached_property
    def means(self) -> dict[str, dict[str, str]]:
        """Label -> row of the combinations table for the study's metric."""
        return {row["combination"]: row for row in self.rows_of(self.metric)}

    def rows_of(self, metric: str) -> list[dict[str, str]]:
        """The rows of the combinations table for a metric."""
        return [row for row in self.table("combinations") if row["metric"] == metric]

    @cached_property
    def ranked(self) -> list[str]:
        """Labels of the combinations, the best mean first and those without one last."""
        sign = -1 if higher_is_better(self.metric) else 1
        means = {label: value(self.means.get(label, {}), "mean") for label in self.labels}
        return sorted(
            self.labels, key=lambda label: (math.isnan(means[label]), sign * means[label])
        )

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of `<name>.csv`. Raises `LabbookError` where a needed column is missing."""
        return _read_table(self.folder / f"{name}.csv")

    def endings(self, label: str) -> Counter[str]:
        """How often each ending occurred among the runs of a combination."""
        return Counter(row["ended"] for row in self.runs_of(label))

    def runs_of(self, label: str) -> Sequence[Mapping[str, str]]:
        """The rows of a combination's runs."""
        return self._runs_by_label.get(label, ())

    @cached_property
    def _runs_by_label(self) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.runs:
            found.setdefault(row["combination"], []).append(row)
        return found

    def diverged(self, label: str) -> int:
        """How many runs of a combination diverged without a model worth keeping: no value."""
        return self.endings(label)[DIVERGED]

    def figures(self) -> list[dict[str, str]]:
        """What `figures/index.json` lists; nothing where figures were not drawn."""
        path = self.folder / "figures" / "index.json"
        return list(read_json(path)) if path.exists() else []


def read_results(folder: Path) -> StudyResults:
    """Open the results of one study. Raises `LabbookError` where study.json is unfit."""
    path = Path(folder) / "study.json"
    about = read_json(path)
    missing = [key for key in ("name", "metric", "reference", "data") if key not in about]
    if missing:
        raise LabbookError(
            f"{path}: no entry {', '.join(missing)}. Remove the file and run snakemake again: "
            "evaluate makes it anew."
        )
    return StudyResults(Path(folder), about)
