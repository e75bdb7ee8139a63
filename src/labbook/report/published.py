"""Values that a source published for combinations of a study, beside those of our runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labbook.measures import is_ratio
from labbook.report.study_results import StudyResults
from labbook.wording import count, metric_name, number, plain


@dataclass(frozen=True)
class PublishedValues:
    """Of one combination and metric: the values of the source, and what our runs gave.

    `values` has NaN where the source's run diverged; `runs` are those of ours that have a value,
    `mean` their mean with the ends of its interval.
    """

    combination: str
    metric: str
    values: tuple[float, ...]
    source: str
    runs: tuple[float, ...]
    diverged: int
    mean: tuple[float, float, float]

    @property
    def finite(self) -> tuple[float, ...]:
        """The published values that are numbers."""
        return tuple(v for v in self.values if math.isfinite(v))

    @property
    def outside(self) -> int:
        """How many published values are below all of our runs, or above all."""
        if not self.runs:
            return 0
        return sum(not min(self.runs) <= v <= max(self.runs) for v in self.finite)

    @property
    def apart(self) -> float:
        """By what factor the published values differ; 0 where there are no two above 0."""
        return _factor(self.finite)

    @property
    def spread(self) -> float:
        """By what factor our single runs differ; 0 likewise."""
        return _factor(self.runs)


def _factor(values: tuple[float, ...]) -> float:
    return max(values) / min(values) if len(values) > 1 and min(values) > 0 else 0.0


def published_values(results: StudyResults) -> list[PublishedValues]:
    """All of a study, in the order of params.yaml; none on a stand-in, which is other data."""
    if results.stand_in:
        return []
    rows = results.frame("published", "value")
    return [
        PublishedValues(
            label,
            metric,
            values=tuple(group["value"]),
            source=group["source"].iloc[0],
            runs=tuple(results.values_of(label, metric)),
            diverged=results.diverged(label),
            mean=results.interval_of(label, metric),
        )
        for (label, metric), group in rows.groupby(["combination", "metric"], sort=False)
    ]


def trust_in_one_run(published: Sequence[PublishedValues]) -> str:
    """How far figures of single runs can be trusted, in words; nothing without such figures."""
    compared = [values for values in published if values.runs and values.finite]
    if not compared:
        return ""
    total = sum(len(values.finite) for values in compared)
    outside = sum(values.outside for values in compared)
    text = (
        f"Sources give {count(total, 'figure')} for combinations that were trained here: {outside} "
        f"of them {'lies' if outside == 1 else 'lie'} outside the range of all our runs."
    )
    errors = [values for values in compared if is_ratio(values.metric)]
    if not errors:
        return text
    widest = max(errors, key=lambda values: values.apart)
    if widest.apart:
        text += (
            f" Two figures of a source for the same combination ({plain(widest.combination)}, "
            f"{metric_name(widest.metric)}) differ by a factor of {number(widest.apart)}."
        )
    widest = max(errors, key=lambda values: values.spread)
    if widest.spread:
        text += (
            f" Our own runs of one combination ({plain(widest.combination)}), which differ in the "
            f"seed alone, differ by a factor of up to {number(widest.spread)}."
        )
    return text
