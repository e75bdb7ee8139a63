"""The runs of one study, read from their files as far as they are needed."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from labbook.curve_metrics import CURVE_METRICS
from labbook.errors import LabbookError
from labbook.evaluate.baselines import constant_losses
from labbook.files import read_json
from labbook.measures import MEASURED, is_measure, measure_all, split_name
from labbook.metrics import LEARNED, METRICS, PARTS, chosen_by
from labbook.params.combinations import Combination
from labbook.plan.looks import Look
from labbook.plan.studies import StudyPlan
from labbook.tensors import TensorsError, read_tensors
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
    from labbook.params.datasets import Dataset
    from labbook.rivals.file import Rivals

MOST_CURVES = 200_000_000  # bytes that are kept; further ones are read again when they are needed


@dataclass(frozen=True, eq=False)
class StudyRuns:
    """What an evaluation reads.

    `records` has of all runs what they say of themselves, and the curves as far as there is room.
    Of a study in rounds `reached` says by label with how many of its seeds a combination was
    trained; None: all with all of them.
    """

    study: StudyPlan
    prepared: "Prepared"
    selections: Mapping[str, Path]
    folder: Path
    records: Mapping[tuple[str, int], RunRecord]
    dataset: "Dataset | None" = None  # the block of params.yaml
    rivals: "Rivals | None" = None
    reached: Mapping[str, int] | None = None

    @property
    def looks(self) -> tuple[Look, ...]:
        """The looks at the claims; one with all seeds where the plan names none."""
        return self.study.looks or (Look(len(self.study.seeds), 1.0),)

    def seeds_of(self, labels: Collection[str] = ()) -> int:
        """How many of the study's seeds all of these combinations have; of none: all of them."""
        numbers = [len(self.study.seeds)]
        if self.reached is not None:
            numbers += [self.reached[label] for label in labels or self.labels]
        return min(numbers)

    def until(self, seeds: int, labels: Collection[str] = ()) -> "StudyRuns":
        """The study as it stands with the first so many seeds, and these combinations alone.

        All combinations where none is named. It is looked at once, with the share of its look.
        """
        study = self.study
        kept = tuple(one for one in study.combinations if not labels or one.label in labels)
        if seeds == len(study.seeds) and len(kept) == len(study.combinations):
            return self
        looks = tuple(look for look in self.looks if look.seeds == seeds)
        now = replace(study, seeds=study.seeds[:seeds], combinations=kept, looks=looks)
        view = replace(self, study=now, reached=None)
        # What was read and computed before is of the same runs.
        vars(view).update(_measured=self._measured, _constants=self._constants)
        return view

    @cached_property
    def first(self) -> "StudyRuns":
        """The seeds of the first look, which all combinations have: all but claims rests on them.

        Their number does not follow from results, so no p and no interval has a price.
        """
        view = self.until(self.looks[0].seeds)
        return replace(view, study=replace(view.study, looks=()), reached=None)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the combinations, in the study's order."""
        return tuple(self.combinations)

    @cached_property
    def combinations(self) -> Mapping[str, Combination]:
        """The combinations by their labels."""
        return {combination.label: combination for combination in self.study.combinations}

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of the study's metrics, in a fixed order and each once: by part, then by name.

        Then `epochs`, and those of learning curves and of predictions that the study, one of its
        claims or a figure that a source gives asks for.
        """
        usual = [f"{part}_{name}" for part in PARTS for name in METRICS]
        measured = {name for record in self.records.values() for name in record.metrics}
        others = sorted(measured - {*usual, "epochs"})
        wanted = {self.study.metric, *(claim.metric for claim in self.study.claims)}
        wanted |= {reported.metric for reported in self.study.block.published if reported.metric}
        more = [name for name in CURVE_METRICS if name in wanted]
        tuned = (claim.metric for claim in self.study.claims if claim.form == "tuned")
        wanted |= {name.replace("test_", "valid_", 1) for name in tuned}  # which chooses
        wanted |= {self.choice, self.choice.replace("valid_", "test_", 1)}
        more += sorted(name for name in wanted if is_measure(name))
        return (*(name for name in usual if name in measured), *others, "epochs", *more)

    @property
    def choice(self) -> str:
        """The metric that chooses models: of validation rows, never of test rows.

        The study's own where it is of validation or test rows, else the task's.
        """
        part, metric = split_name(self.study.metric)
        return f"valid_{metric}" if part in MEASURED else chosen_by(self.study.task)

    @cached_property
    def settings(self) -> pd.DataFrame:
        """Settings that vary, as texts: a row per label, a column per dotted path, as they appear.

        One that a combination does not vary has its recipe's value.
        """
        names = dict.fromkeys(
            name for combination in self.study.combinations for name in combination.settings
        )
        rows = []
        for combination in self.study.combinations:
            recipe = combination.recipe.model_dump(mode="json")
            given: dict[str, Any] = {}
            for name in names:
                given[name] = recipe
                for key in name.split("."):
                    given[name] = given[name].get(key) if isinstance(given[name], dict) else None
            given |= combination.settings
            rows.append([setting_text(given[name]) for name in names])
        return pd.DataFrame(rows, index=list(self.labels), columns=list(names), dtype=object)

    @cached_property
    def endings(self) -> pd.DataFrame:
        """How each run ended: a row per label, a column per seed."""
        return pd.DataFrame(
            [
                [self.records[label, seed].ended for seed in self.study.seeds]
                for label in self.labels
            ],
            index=list(self.labels),
            columns=list(self.study.seeds),
        )

    def values(self, label: str, metric: str) -> np.ndarray:
        """The metric of each seed, shape (seeds,); NaN where the run diverged or has none."""
        values = np.array([self._value(label, seed, metric) for seed in self.study.seeds], float)
        return np.where(np.isfinite(values), values, np.nan)

    def _value(self, label: str, seed: int, metric: str) -> float:
        record = self.records[label, seed]
        if metric == "epochs":  # one that diverged never came to the end of its training
            return float("nan") if record.ended in DIVERGENCES else float(record.epochs)
        if is_measure(metric) and metric not in record.metrics:
            return self.measured(label, seed).get(metric, float("nan"))
        if metric not in CURVE_METRICS:
            return record.metrics.get(metric, float("nan"))
        if record.ended == DIVERGED:
            return float("nan")
        curves = self.curves(label, seed)
        least = LEARNED * self.constant_losses(label, seed)[0]
        if CURVE_METRICS[metric].of_learners and not curves["train_loss"].min() < least:
            return float("nan")
        norms = [f"{GRADIENT_NORM}{name}" for name, _, count in record.layers if count]
        names = ["train_loss", "valid_loss", *(name for name in norms if name in curves)]
        return CURVE_METRICS[metric].formula({name: curves[name] for name in names})

    def measured(self, label: str, seed: int) -> Mapping[str, float]:
        """All metrics and measures of a run's predictions; none of one that diverged."""
        if (label, seed) not in self._measured:
            predictions = self.read(label, seed, "predictions").predictions
            found: dict[str, float] = {}
            for part in ("valid", "test"):
                if part in predictions:
                    target = self.prepared.target[getattr(self.prepared.split(seed), part)]
                    found |= measure_all(self.study.task, part, target, predictions[part])
            self._measured[label, seed] = found
        return self._measured[label, seed]

    @cached_property
    def _measured(self) -> dict[tuple[str, int], Mapping[str, float]]:
        return {}

    def constant_losses(self, label: str, seed: int) -> tuple[float, float]:
        """Training and validation loss of the best constant, as the combination counts rows."""
        weighed = self.combinations[label].recipe.training.class_weights is not None
        if (seed, weighed) not in self._constants:
            found = constant_losses(self.prepared, seed, weighed=weighed)
            self._constants[seed, weighed] = found
        return self._constants[seed, weighed]

    @cached_property
    def _constants(self) -> dict[tuple[int, bool], tuple[float, float]]:
        """Losses of constants that were asked for."""
        return {}

    def untold(self, label: str, metric: str) -> np.ndarray:
        """Where a run that did not fail has no such number, shape (seeds,).

        It learnt nothing, or its rows leave the measure undefined: one class alone, for example.
        """
        of_learners = metric in CURVE_METRICS and CURVE_METRICS[metric].of_learners
        if not of_learners and not split_name(metric)[0]:
            return np.zeros(len(self.study.seeds), dtype=bool)
        ended = [self.records[label, seed].ended != DIVERGED for seed in self.study.seeds]
        return np.asarray(np.isnan(self.values(label, metric)) & ended)

    def curves(self, label: str, seed: int) -> Mapping[str, np.ndarray]:
        """The learning curves of a run by name, each (epochs,).

        Of one that diverged after its best epoch: up to there, all of them finite.
        """
        record = self.records[label, seed]
        curves = record.curves or self.read(label, seed, "curves").curves
        if record.ended != DIVERGED_LATER:
            return curves
        return {name: curve[: record.epochs - 1] for name, curve in curves.items()}

    def path(self, label: str, seed: int) -> Path:
        """The file of a run."""
        return run_path(self.folder, self.study.runs[label, seed])

    def read(self, label: str, seed: int, *groups: str) -> RunRecord:
        """A run with the arrays of these groups."""
        return read_run(self.path(label, seed), groups)

    def predictions(self, label: str, seed: int, *parts: str) -> dict[str, np.ndarray]:
        """What a run predicts of the rows of these parts; nothing of one that diverged.

        Without the header, which was read before and takes two thirds of the time of `read`.
        """
        path, names = self.path(label, seed), {f"predictions/{part}": part for part in parts}
        try:
            found = read_tensors(path, lambda name: name in names)[1]
            return {names[name]: array for name, array in found.items()}
        except (OSError, TensorsError) as error:
            raise LabbookError(
                f"{path}: not a whole run file ({error}). Remove it and run snakemake again: "
                "that run, and no other, is trained anew."
            ) from error

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


def read_study_runs(
    study: StudyPlan,
    prepared: "Prepared",
    selections: Mapping[str, Path],
    folder: Path,
    dataset: "Dataset | None" = None,
    rivals: "Rivals | None" = None,
    reached: Mapping[str, int] | None = None,
) -> StudyRuns:
    """Read all runs of `study`, without weights and predictions.

    `reached` says by label how many of a study's seeds there are so far; None: all. Raises
    `LabbookError` where a run file is missing, broken or of another run.
    """
    records, room = {}, MOST_CURVES
    for combination in study.combinations:
        label = combination.label
        for seed in study.seeds if reached is None else study.seeds[: reached[label]]:
            path = run_path(folder, study.runs[label, seed])
            record = read_run(path, ("curves",))
            if record.id != study.runs[label, seed]:
                raise LabbookError(
                    f"{path}: holds the run {record.id}, expected the one that it is named after. "
                    "Remove it and run snakemake again: that run, and no other, is trained anew."
                )
            room -= sum(curve.nbytes for curve in record.curves.values())
            record = replace(record, identity={})  # as large as all the rest; the id stands for it
            kept = record if room >= 0 else replace(record, curves={})
            records[label, seed] = kept
    return StudyRuns(study, prepared, selections, folder, records, dataset, rivals, reached)


def setting_text(value: Any) -> str:
    """A setting's value for people: 32-16-8 for a list, otherwise as JSON writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and not any(isinstance(v, list | dict) for v in value):
        return "-".join(setting_text(item) for item in value)
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    return "" if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)
