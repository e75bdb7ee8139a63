"""The runs of one study, read from their files as far as they are needed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labbook.errors import LabbookError
from labbook.evaluate.curves.constant import constant_losses
from labbook.evaluate.curves.metrics import CURVE_METRICS, OF_LEARNERS
from labbook.files import read_json
from labbook.metrics import LEARNED, METRICS, PARTS
from labbook.plan.studies import Combination, StudyPlan
from labbook.training.runfile import (
    DIVERGED,
    DIVERGED_LATER,
    DIVERGENCES,
    GRADIENT_NORM,
    RunRecord,
    read_run,
    run_path,
)

if TYPE_CHECKING:
    from labbook.data.prepared import Prepared

MOST_CURVES = 200_000_000  # bytes that are kept; further ones are read again when they are needed


@dataclass(frozen=True)
class Results:
    """What an evaluation reads.

    `records` has of all runs what they say of themselves, and the curves as far as there is room.
    """

    study: StudyPlan
    prepared: "Prepared"
    selections: Mapping[str, Path]
    runs: Path
    records: Mapping[tuple[str, int], RunRecord]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the combinations, in the study's order."""
        return tuple(one.label for one in self.study.combinations)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of the study's metrics, in a fixed order and each once: by part, then by name.

        Then `epochs`, and those of learning curves that the study, one of its claims or a figure
        that a source gives asks for.
        """
        known = [f"{part}_{name}" for part in PARTS for name in METRICS]
        found = {name for record in self.records.values() for name in record.metrics}
        others = sorted(found - set(known) - {"epochs"})
        asked = {self.study.metric, *(claim.metric for claim in self.study.claims)}
        asked |= {one.metric for one in self.study.block.published if one.metric is not None}
        of_curves = (name for name in CURVE_METRICS if name in asked)
        return (*(name for name in known if name in found), *others, "epochs", *of_curves)

    @property
    def choice(self) -> str:
        """The metric that chooses models: of validation rows, never of test rows."""
        return "valid_mse" if self.study.task == "regression" else "valid_accuracy"

    def values(self, label: str, metric: str) -> np.ndarray:
        """The metric of each seed, shape (seeds,); NaN where the run diverged or has none."""
        seeds = self.study.seeds
        if metric in CURVE_METRICS:
            found = [self._of_curves(label, seed, metric) for seed in seeds]
        else:
            found = [_value(self.records[label, seed], metric) for seed in seeds]
        values = np.array(found, dtype=float)
        return np.where(np.isfinite(values), values, np.nan)

    def _of_curves(self, label: str, seed: int, metric: str) -> float:
        if self.records[label, seed].ended == DIVERGED:
            return float("nan")
        curves, layers = self.curves(label, seed), self.records[label, seed].layers
        norms = [f"{GRADIENT_NORM}{name}" for name, _, count in layers if count]
        known = ["train_loss", "valid_loss", *(name for name in norms if name in curves)]
        least = LEARNED * constant_losses(self.prepared, seed)[0]
        if metric in OF_LEARNERS and not curves["train_loss"].min() < least:
            return float("nan")
        return CURVE_METRICS[metric]({name: curves[name] for name in known})

    def untold(self, label: str, metric: str) -> np.ndarray:
        """Where a run that did not fail has no such number, shape (seeds,): it learnt nothing."""
        ended = [self.records[label, seed].ended != DIVERGED for seed in self.study.seeds]
        untold = np.isnan(self.values(label, metric)) & ended
        return np.asarray(untold if metric in OF_LEARNERS else np.zeros(len(ended), dtype=bool))

    def curves(self, label: str, seed: int) -> Mapping[str, np.ndarray]:
        """The learning curves of a run by name, each (epochs,).

        Of one that diverged after its best epoch: up to there, all of them finite.
        """
        record = self.records[label, seed]
        known = record.curves or self.read(label, seed, "curves").curves
        if record.ended != DIVERGED_LATER:
            return known
        return {name: curve[: record.epochs - 1] for name, curve in known.items()}

    def combination(self, label: str) -> Combination:
        """The combination of this label."""
        return self._combinations[label]

    @cached_property
    def _combinations(self) -> Mapping[str, Combination]:
        return {one.label: one for one in self.study.combinations}

    def path(self, label: str, seed: int) -> Path:
        """The file of a run."""
        return run_path(self.runs, self.study.runs[label, seed])

    def read(self, label: str, seed: int, *groups: str) -> RunRecord:
        """A run with the arrays of these groups."""
        return read_run(self.path(label, seed), groups)

    def columns(self, label: str, seed: int) -> np.ndarray | None:
        """Numbers of the columns that a run saw, shape (columns,); None for all, and for images.

        Raises `LabbookError` where the selection's file has no split of this seed.
        """
        selection = self.selection(label)
        if selection is None or self.prepared.kind == "images":
            return None
        try:
            return np.array(selection["splits"][str(seed)]["columns"], dtype=int)
        except KeyError as error:
            raise LabbookError(
                f"{self.selections[label]}: no columns for seed {seed}. Remove the file and run "
                "snakemake again: the selection is made anew."
            ) from error

    def selection(self, label: str) -> Any | None:
        """The selection file of a combination; None where it has none."""
        path = self.selections.get(label)
        return None if path is None else read_json(path)


def read_results(
    study: StudyPlan, prepared: "Prepared", selections: Mapping[str, Path], runs: Path
) -> Results:
    """Read all runs of `study`, without weights and predictions.

    Raises `LabbookError` where a run file is missing, broken or of another run.
    """
    records, room = {}, MOST_CURVES
    for one in study.combinations:
        for seed in study.seeds:
            path = run_path(runs, study.runs[one.label, seed])
            record = read_run(path, ("curves",))
            if record.id != study.runs[one.label, seed]:
                raise LabbookError(
                    f"{path}: holds the run {record.id}, expected the one that it is named after. "
                    "Remove it and run snakemake again: that run, and no other, is trained anew."
                )
            room -= sum(curve.nbytes for curve in record.curves.values())
            record = replace(record, identity={})  # as large as all the rest; the id stands for it
            records[one.label, seed] = record if room >= 0 else replace(record, curves={})
    return Results(study, prepared, selections, runs, records)


def _value(record: RunRecord, metric: str) -> float:
    if metric == "epochs":  # one that diverged never came to the end of its training
        return float("nan") if record.ended in DIVERGENCES else float(record.epochs)
    return record.metrics.get(metric, float("nan"))
