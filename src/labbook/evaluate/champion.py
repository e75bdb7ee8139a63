"""The best model of a study, kept with all that is needed to use it and to make it again."""

import csv
import hashlib
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

from labbook.evaluate.choice import Choice, check_weights
from labbook.evaluate.statistics.intervals import metric_interval
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.taken_away import taken_away
from labbook.evaluate.threshold import best_threshold, named
from labbook.evaluate.writing import float_text, null_for_nan
from labbook.files import remove, write_bytes, write_json
from labbook.measures import higher_is_better
from labbook.training.runfile import DIVERGED, RunRecord

FILES = ("champion.json", "model.safetensors", "prediction.csv")


def write_champion(results: StudyRuns, choice: Choice | None, folder: Path) -> None:
    """Write champion.json, model.safetensors and, for unlabelled rows, prediction.csv.

    Removes what an earlier evaluation left there. Raises `LabbookError` where the stored weights
    do not give the stored predictions.
    """
    if choice is None:
        _remove_all(folder)
        why = "No run of this study has a result."
        about = _head(results) | {"combination": None, "why": why, "sums": {}}
        write_json(folder / "champion.json", about)
        return
    record = results.read(choice.label, choice.seed, "weights", "predictions")
    check_weights(results, choice, record)
    threshold = _threshold(results, choice, record)
    contents = {"model.safetensors": results.path(choice.label, choice.seed).read_bytes()}
    if results.prepared.unlabelled is not None and "unlabelled" in record.predictions:
        contents["prediction.csv"] = _prediction(results, record, threshold)
    _remove_all(folder)  # champion.json first to go and last to come: it speaks of the others
    for name, content in contents.items():
        write_bytes(folder / name, content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    about = null_for_nan(_about(results, choice, record)) | {"sums": sums}
    if threshold is not None:
        about["threshold"] = threshold
    write_json(folder / "champion.json", about)


def _threshold(results: StudyRuns, choice: Choice, record: RunRecord) -> float | None:
    """The champion's own threshold, by its validation rows; None where none is asked for."""
    if results.study.block.threshold is None:
        return None
    target = results.prepared.target[results.prepared.split(choice.seed).valid]
    return best_threshold(target, record.predictions["valid"])


def interval_entry(results: StudyRuns, label: str, metric: str) -> dict[str, Any]:
    """A combination's mean and its interval as an entry of a JSON file."""
    return asdict(metric_interval(results.values(label, metric), metric))


def on_test_rows(choice: str) -> str:
    """The counterpart on test rows of the metric that chose on validation rows."""
    return choice.replace("valid_", "test_", 1)


def _prediction(results: StudyRuns, record: RunRecord, threshold: float | None) -> bytes:
    """The table of the unlabelled rows: identifiers and the target by their names in the file."""
    prepared = results.prepared
    predicted = record.predictions["unlabelled"]
    if results.study.task == "classification":
        values = [prepared.classes[i] for i in named(predicted, threshold)]
    else:
        values = [float_text(value) for value in predicted]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([prepared.id_column or "id", prepared.target_column])
    writer.writerows(zip(prepared.unlabelled_ids, values, strict=True))
    return buffer.getvalue().encode()


def _about(results: StudyRuns, choice: Choice, record: RunRecord) -> dict[str, Any]:
    label, metric = choice.label, results.choice
    combination = results.combinations[label]
    settings = {
        name: value.model_dump(mode="json") if hasattr(value, "model_dump") else value
        for name, value in combination.settings.items()
    }
    return _head(results) | {
        "combination": label,
        "settings": settings,
        "recipe": combination.recipe.model_dump(mode="json"),
        "seed": choice.seed,
        "run": record.id,
        "ended": record.ended,
        "epochs": record.epochs,
        "best_epoch": record.best_epoch,
        "parameters": sum(count for _, _, count in record.layers),
        "layers": [[name, list(shape), count] for name, shape, count in record.layers],
        "metrics": record.metrics,
        "validation": interval_entry(results, label, metric),
        "test": interval_entry(results, label, on_test_rows(metric)),
        "diverged": int((results.endings.loc[label] == DIVERGED).sum()),
        "preprocessing": preprocessing(results, choice),
        **taken_away(results, choice),
    }


def preprocessing(results: StudyRuns, choice: Choice) -> dict[str, Any]:
    """What was done to a row before the model saw it, fitted on the training part."""
    prepared = results.prepared
    split = prepared.split(choice.seed)
    about: dict[str, Any] = {
        "classes": list(prepared.classes),
        "target": prepared.target_name,
        "target_mean": split.target_mean,
        "target_scale": split.target_scale,
        "log_target": prepared.log_target,
    }
    if prepared.kind == "images":
        return about | {"mean": split.mean.item(), "scale": split.scale.item()}
    columns = results.columns(choice.label, choice.seed)
    used = range(len(prepared.feature_names)) if columns is None else columns
    about["columns"] = [
        {
            "name": prepared.feature_names[i],
            "mean": split.mean[i],
            "scale": split.scale[i],
            "fill": split.fill[i],
        }
        for i in used
    ]
    return about


def _head(results: StudyRuns) -> dict[str, Any]:
    return {
        "study": results.study.name,
        "data": results.study.dataset,
        "edition": results.prepared.edition,
        "task": results.study.task,
        "metric": results.choice,
        "higher_is_better": higher_is_better(results.choice),
    }


def _remove_all(folder: Path) -> None:
    for name in FILES:
        remove(folder / name)
