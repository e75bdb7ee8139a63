"""Reads what evaluate wrote about a study: `study.json` and the tables beside it."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labbook.files import read_json
from labbook.measures import higher_is_better
from labbook.report.result_tables import Row, as_number, interval, measured, read_frame, unfit
from labbook.training.runfile import DIVERGED
from labbook.verdicts import STAND_IN

if TYPE_CHECKING:
    import pandas as pd


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
    def choice_metric(self) -> str:
        """The metric of validation rows that chose the best combination."""
        return str(self.about.get("choice_metric") or self.metric)

    @property
    def chosen(self) -> str | None:
        """Label of the combination chosen by validation data, None if all diverged."""
        label = (self.about.get("chosen") or {}).get("label")
        return None if label is None else str(label)

    @property
    def best(self) -> str | None:
        """The same where it is better than others: not of combinations that are one setting."""
        return None if self.of_one_setting else self.chosen

    @cached_property
    def may_be_best(self) -> list[str]:
        """Labels that may be the best; none where that is not tested, or where all may."""
        about = self.about.get("best_set")
        if not about or about["why"]:
            return []
        rows = self.table("best_set")
        labels = [row["combination"] for row in rows if row["may_be_best"] == "yes"]
        return labels if len(labels) < about["of"] else []

    @property
    def reference(self) -> str:
        """Label of the combination that the others are compared with."""
        return str(self.about["reference"])

    @property
    def stand_in(self) -> bool:
        """Whether the study saw a stand-in for its data."""
        return bool(self.about["data"].get("edition") == STAND_IN)

    @property
    def of_one_setting(self) -> bool:
        """Whether all combinations are one setting, of which chance draws parts anew."""
        return bool(self.about.get("one_setting"))

    def frame(self, name: str, *numbers: str) -> "pd.DataFrame":
        """The table `<name>.csv` as text, the columns `numbers` as numbers (NaN where none is).

        Raises `LabbookError` where a needed column is missing.
        """
        frame = read_frame(self.folder / f"{name}.csv")
        for column in numbers:
            cells = frame[column] if column in frame else [""] * len(frame)
            frame[column] = np.array([as_number(cell) for cell in cells], float)
        return frame

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of `<name>.csv`. Raises `LabbookError` where a needed column is missing."""
        rows: list[dict[str, str]] = self.frame(name).to_dict("records")
        return rows

    @cached_property
    def runs(self) -> list[dict[str, str]]:
        """One row per run."""
        return self.table("runs")

    @cached_property
    def verdicts(self) -> list[dict[str, str]]:
        """One row per claim."""
        return self.table("verdicts")

    @cached_property
    def pairs(self) -> list[dict[str, str]]:
        """One row per claim, comparison and seed: the numbers from which verdicts follow."""
        return self.table("pairs")

    @cached_property
    def combinations(self) -> list[dict[str, str]]:
        """One row per combination and metric."""
        return self.table("combinations")

    @cached_property
    def labels(self) -> list[str]:
        """Labels of the combinations in the study's order."""
        return list(dict.fromkeys(row["combination"] for row in self.combinations or self.runs))

    @cached_property
    def means(self) -> dict[str, dict[str, str]]:
        """Label -> row of the combinations table for the study's metric."""
        return self._means_of(self.metric)

    def _means_of(self, metric: str) -> dict[str, dict[str, str]]:
        return {row["combination"]: row for row in self.combinations if row["metric"] == metric}

    def interval_of(self, label: str, metric: str | None = None) -> tuple[float, float, float]:
        """Mean, low and high of a combination, by the study's metric or another; NaN for none."""
        means = self.means if metric is None else self._means_of(metric)
        return interval(means.get(label, {}))

    @cached_property
    def ranked(self) -> list[str]:
        """Labels of the combinations, the best mean first and those without one last."""
        sign = -1 if higher_is_better(self.metric) else 1
        means = {label: self.interval_of(label)[0] for label in self.labels}
        return sorted(
            self.labels, key=lambda label: (math.isnan(means[label]), sign * means[label])
        )

    def some_labels(self, most: int, best: int) -> list[str]:
        """All labels in their order; of more than `most` so many by rank.

        The `best` best, and others evenly down to the worst.
        """
        if len(self.labels) <= most:
            return self.labels
        last, others = len(self.ranked) - 1, most - best
        steps = (best - 1 + round(i * (last - best + 1) / others) for i in range(others + 1))
        places = {*range(best), *steps}
        return [label for place, label in enumerate(self.ranked) if place in places]

    @cached_property
    def _runs_by_label(self) -> Mapping[str, list[Row]]:
        runs: dict[str, list[Row]] = {}
        for row in self.runs:
            runs.setdefault(row["combination"], []).append(row)
        return runs

    def runs_of(self, label: str) -> Sequence[Row]:
        """The rows of a combination's runs."""
        return self._runs_by_label.get(label, ())

    def values_of(self, label: str, metric: str) -> list[float]:
        """A metric's values of the runs of a combination that have one."""
        values = (measured(row, metric) for row in self.runs_of(label))
        return [v for v in values if math.isfinite(v)]

    def endings(self, label: str) -> Counter[str]:
        """How often each ending occurred among the runs of a combination."""
        return Counter(row["ended"] for row in self.runs_of(label))

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
    if missing := [key for key in ("name", "metric", "reference", "data") if key not in about]:
        raise unfit(path, f"no entry {', '.join(missing)}")
    return StudyResults(Path(folder), about)
