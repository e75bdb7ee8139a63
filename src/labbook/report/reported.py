"""Figures that a source gives for combinations of a study, beside those of our runs."""

import math
from dataclasses import dataclass

from labbook.report.study_results import StudyResults, measured, value
from labbook.verdicts import STAND_IN


@dataclass(frozen=True)
class Reported:
    """Of one combination and metric: what was reported, and what our runs gave.

    `values` has NaN where the reported run diverged; `runs` are those of ours that have a value.
    """

    combination: str
    metric: str
    values: tuple[float, ...]
    source: str
    runs: tuple[float, ...]
    diverged: int
    mean: float
    low: float
    high: float

    @property
    def known(self) -> tuple[float, ...]:
        """The reported values that are numbers."""
        return tuple(v for v in self.values if math.isfinite(v))

    @property
    def reported_diverged(self) -> tuple[int, ...]:
        """Numbers of the sets, from 1, whose run diverged."""
        return tuple(i for i, v in enumerate(self.values, 1) if not math.isfinite(v))

    @property
    def outside(self) -> int:
        """How many reported values are below all of our runs, or above all."""
        if not self.runs:
            return 0
        return sum(not min(self.runs) <= v <= max(self.runs) for v in self.known)

    @property
    def apart(self) -> float:
        """By what factor the reported values differ; NaN where there are no two above 0."""
        return _factor(self.known)

    @property
    def spread(self) -> float:
        """By what factor our single runs differ; NaN likewise."""
        return _factor(self.runs)


def reported_figures(results: StudyResults) -> list[Reported]:
    """All of a study, in the order of params.yaml; none on a stand-in, which is other data."""
    if results.about["data"].get("edition") == STAND_IN:
        return []
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in results.table("published"):
        found.setdefault((row["combination"], row["metric"]), []).append(row)
    return [
        _reported(results, label, metric, [value(row, "value") for row in rows], rows[0]["source"])
        for (label, metric), rows in found.items()
    ]


def _reported(
    results: StudyResults, label: str, metric: str, values: list[float], source: str
) -> Reported:
    ours = (measured(row, metric) for row in results.runs if row["combination"] == label)
    rows = results.table("combinations")
    same = (row for row in rows if row["combination"] == label and row["metric"] == metric)
    means = next(same, {})
    mean, low, high = (value(means, name) for name in ("mean", "low", "high"))
    runs = tuple(v for v in ours if math.isfinite(v))
    diverged = results.diverged(label)
    return Reported(label, metric, tuple(values), source, runs, diverged, mean, low, high)


def _factor(values: tuple[float, ...]) -> float:
    if len(values) < 2 or min(values) <= 0:
        return math.nan
    return max(values) / min(values)
