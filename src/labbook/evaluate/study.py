"""The evaluation of a study: run files in, tables and the best model out."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from labbook.evaluate.best_set import write_best_set
from labbook.evaluate.champion import write_champion
from labbook.evaluate.chance import write_chance
from labbook.evaluate.choice import choose
from labbook.evaluate.claims.by_seed import write_pairs
from labbook.evaluate.claims.judge import write_verdicts
from labbook.evaluate.controls import write_controls
from labbook.evaluate.curves.diagnosis import write_diagnosis
from labbook.evaluate.curves.mean_curves import write_curves
from labbook.evaluate.curves.single_curves import write_run_curves, write_stops
from labbook.evaluate.expected_best import write_expected_best
from labbook.evaluate.explained import write_explained
from labbook.evaluate.fits import write_fits
from labbook.evaluate.greedy_ensemble import write_greedy_ensemble
from labbook.evaluate.importance import write_importance
from labbook.evaluate.marginals import write_marginals
from labbook.evaluate.measures import write_classes, write_measures
from labbook.evaluate.mistaken import write_mistaken
from labbook.evaluate.next.edges import ways
from labbook.evaluate.next.suggestions import Evidence, suggestion_entries
from labbook.evaluate.predictions import write_confusion, write_predictions
from labbook.evaluate.rates import write_rates
from labbook.evaluate.rivals import write_rivals
from labbook.evaluate.study_json import summarise
from labbook.evaluate.study_runs import StudyRuns, read_study_runs
from labbook.evaluate.tables import (
    write_combinations,
    write_comparisons,
    write_reported,
    write_runs,
)
from labbook.evaluate.threshold import check_two_classes
from labbook.evaluate.writing import null_for_nan
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
    rivals: Path | None = None,
    reached: Mapping[str, int] | None = None,
) -> None:
    """Write the results of `study` into `folder`; see docs/evidence.md for what each file holds.

    `runs` is the folder of run files, `selections` the file of each combination's label, `dataset`
    the block of params.yaml, of which the champion keeps how new rows are read, `rivals` the file
    of simpler models' predictions, `reached` of a study in rounds by label the number of seeds that
    there are. Every file is written always, with only a header where there is nothing to say.
    Raises `LabbookError` where a file is missing or broken.
    """
    from labbook.data.prepared import read_prepared
    from labbook.rivals.file import read_rivals

    data = read_prepared(prepared)
    results = read_study_runs(study, data, selections, runs, dataset, reached=reached)
    if rivals is not None:
        seeds = results.first.study.seeds
        results = replace(results, rivals=read_rivals(rivals, seeds, study.rivals == "tuned"))
    evaluate(results, Path(folder))


def evaluate(whole: StudyRuns, folder: Path) -> None:
    """Write everything that follows from the runs; study.json comes last.

    Claims are judged with the seeds that each has; all else rests on those of the first look.
    """
    results = whole.first
    if results.study.block.threshold:
        check_two_classes(results.study.name, results.prepared.classes)
    choice = choose(results)
    write_champion(results, choice, folder / "champion")
    write_runs(results, folder / "runs.csv")
    write_combinations(results, folder / "combinations.csv")
    write_comparisons(results, folder / "comparisons.csv")
    judged = write_verdicts(whole, folder / "verdicts.csv")
    write_pairs(whole, judged, folder / "pairs.csv")
    write_curves(results, folder / "curves.csv")
    write_run_curves(results, folder / "run_curves.csv")
    write_stops(results, folder / "stops.csv")
    write_predictions(results, folder / "predictions.csv")
    write_fits(results, choice, folder / "fits.csv")
    write_confusion(results, choice.label if choice else None, folder / "confusion.csv")
    write_reported(results, folder / "published.csv")
    diagnoses = write_diagnosis(results, ways(results, choice), folder / "diagnosis.csv")
    write_importance(results, folder / "importance.csv")
    write_marginals(results, folder / "marginals.csv")
    worth = write_rivals(results, choice, folder / "rivals.csv")
    write_measures(results, choice, folder / "measures.csv")
    write_classes(results, choice, folder / "classes.csv")
    write_rates(results, choice, folder / "rates.csv")
    write_mistaken(results, choice, folder / "mistaken.csv")
    write_explained(results, choice, folder)
    best = write_best_set(results, choice, folder / "best_set.csv")
    write_expected_best(results, folder / "expected_best.csv")
    write_greedy_ensemble(results, choice, folder / "greedy_ensemble.csv")
    write_chance(results, folder / "chance.csv")
    write_controls(results, folder / "controls.csv")
    suggestions = suggestion_entries(Evidence(results, choice, judged, diagnoses))
    about = summarise(results, choice, judged) | {"suggestions": suggestions, "worth": worth}
    write_json(folder / "study.json", about | null_for_nan(best))
