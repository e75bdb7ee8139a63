"""The evaluation of a study: run files in, tables and the best model out."""

from collections.abc import Mapping
from pathlib import Path

from labbook.evaluate.champion import write_champion
from labbook.evaluate.choice import choose
from labbook.evaluate.claims.judge import write_verdicts
from labbook.evaluate.curves.diagnosis import write_diagnosis
from labbook.evaluate.curves.mean_curves import write_curves
from labbook.evaluate.importance import write_importance
from labbook.evaluate.next.edges import ways
from labbook.evaluate.next.suggestions import Evidence, suggestion_entries
from labbook.evaluate.predictions import write_confusion, write_predictions
from labbook.evaluate.study_json import summarise
from labbook.evaluate.study_runs import StudyRuns, read_study_runs
from labbook.evaluate.tables import (
    write_combinations,
    write_comparisons,
    write_reported,
    write_runs,
)
from labbook.files import write_json
from labbook.params.datasets import Dataset
from labbook.plan.studies import StudyPlan


def evaluate_study(
    study: StudyPlan,
    prepared: Path,
    selections: Mapping[str, Path],
    runs: Path,
    folder: Path,
    dataset: Dataset | None = None,
) -> None:
    """Write the results of `study` into `folder`; see docs/evidence.md for what each file holds.

    `runs` is the folder of run files, `selections` the file of each combination's label, `dataset`
    the block of params.yaml, of which the champion keeps how new rows are read. Every
    file is written always, with only a header where there is nothing to say. Raises
    `LabbookError` where a file is missing or broken.
    """
    from labbook.data.prepared import read_prepared

    data = read_prepared(prepared)
    evaluate(read_study_runs(study, data, selections, runs, dataset), Path(folder))


def evaluate(results: StudyRuns, folder: Path) -> None:
    """Write everything that follows from `results`; study.json comes last."""
    choice = choose(results)
    write_champion(results, choice, folder / "champion")
    write_runs(results, folder / "runs.csv")
    write_combinations(results, folder / "combinations.csv")
    write_comparisons(results, folder / "comparisons.csv")
    judged = write_verdicts(results, folder / "verdicts.csv")
    write_curves(results, folder / "curves.csv")
    write_predictions(results, folder / "predictions.csv")
    write_confusion(results, choice.label if choice else None, folder / "confusion.csv")
    write_reported(results, folder / "published.csv")
    diagnoses = write_diagnosis(results, ways(results, choice), folder / "diagnosis.csv")
    write_importance(results, folder / "importance.csv")
    suggestions = suggestion_entries(Evidence(results, choice, judged, diagnoses))
    about = summarise(results, choice, judged) | {"suggestions": suggestions}
    write_json(folder / "study.json", about)
