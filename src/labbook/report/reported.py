"""Figures that a source gives for combinations of a study, beside those of our runs."""

import math
from dataclasses import dataclass

from labbook.report.study_results import StudyResults, interval


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
    def finite(self) -> tuple[float, ...]:
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
        return sum(not min(self.runs) <= v <= max(self.runs) for v in self.finite)

    @property
    def apart(self) -> float:
        """By what factor the reported values differ; NaN where there are no two above 0."""
        return _factor(self.finite)

    @property
    def spread(self) -> float:
        """By what factor our single runs differ; NaN likewise."""
        return _factor(self.runs)


def reported_figures(results: StudyResults) -> list[Reported]:
    """All of a study, in the order of params.yaml; none on a stand-in, which is other data."""
    if results.stand_in:
        return []
    figures = []
    published = results.frame("published", "value")
    for (label, metric), rows in published.groupby(["combination", "metric"], sort=False):
        mean, low, high = interval(results.means_of(metric).get(label, {}))
        figures.append(
            Reported(
                label,
                metric,
                values=tuple(rows["value"]),
                source=rows["source"].iloc[0],
                runs=tuple(results.values_of(label, metric)),
                diverged=results.diverged(label),
                mean=mean,
                low=low,
                high=high,
            )
        )
    return figures


def _factor(values: tuple[float, ...]) -> float:
    if len(values) < 2 or min(values) <= 0:
        return math.nan
    return max(values) / min(values)
