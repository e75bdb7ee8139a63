"""The best model of a study, kept with all that is needed to use it and to make it again."""

import csv
import hashlib
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

from labbook.evaluate.choice import Choice, check_weights
from labbook.evaluate.results import Results
from labbook.evaluate.statistics.intervals import Interval, metric_interval
from labbook.evaluate.tables import float_text, number
from labbook.files import remove, write_bytes, write_json
from labbook.metrics import higher_is_better
from labbook.training.runfile import DIVERGED, RunRecord

FILES = ("champion.json", "model.safetensors", "prediction.csv")


def write_champion(results: Results, choice: Choice | None, folder: Path) -> None:
    """Write champion.json, model.safetensors and, for unlabelled rows, prediction.csv.

    Removes what an earlier evaluation left there. Raises `LabbookError` where the stored weights
    do not give the stored predictions.
    """
    if choice is None:
        _remove_all(folder)
        write_json(folder / "champion.json", _nobody(results))
        return
    record = results.read(choice.label, choice.seed, "weights", "predictions")
    check_weights(results, choice, record)
    contents = {"model.safetensors": results.path(choice.label, choice.seed).read_bytes()}
    if results.prepared.unlabelled is not None and "unlabelled" in record.predictions:
        contents["prediction.csv"] = _prediction(results, record)
    _remove_all(folder)  # champion.json first to go and last to come: it speaks of the others
    for name, content in contents.items():
        write_bytes(folder / name, content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    write_json(folder / "champion.json", _about(results, choice, record) | {"sums": sums})


def interval_entry(interval: Interval) -> dict[str, Any]:
    """A mean and its interval as an entry of a JSON file."""
    entry = asdict(interval)
    return {key: value if key == "n" else number(value) for key, value in entry.items()}


def on_test_rows(choice: str) -> str:
    """The counterpart on test rows of the metric that chose on validation rows."""
    return choice.replace("valid_", "test_", 1)


def _prediction(results: Results, record: RunRecord) -> bytes:
    """The table of the unlabelled rows: `id` and the target by its name in the file."""
    prepared = results.prepared
    predicted = record.predictions["unlabelled"]
    if results.study.task == "classification":
        values = [prepared.classes[i] for i in predicted.argmax(axis=1)]
    else:
        values = [float_text(value) for value in predicted]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["id", prepared.target_column])
    writer.writerows(zip(prepared.unlabelled_ids, values, strict=True))
    return buffer.getvalue().encode()


def _about(results: Results, choice: Choice, record: RunRecord) -> dict[str, Any]:
    metric = results.choice
    one = results.combination(choice.label)
    validation = metric_interval(results.values(choice.label, metric), metric)
    on_test = on_test_rows(metric)
    test = metric_interval(results.values(choice.label, on_test), on_test)
    ended = [results.records[choice.label, seed].ended for seed in results.study.seeds]
    return _head(results) | {
        "combination": choice.label,
        "settings": {name: _plain(value) for name, value in one.settings.items()},
        "recipe": one.recipe.model_dump(mode="json"),
        "seed": choice.seed,
        "run": record.id,
        "ended": record.ended,
        "epochs": record.epochs,
        "best_epoch": record.best_epoch,
        "parameters": sum(count for _, _, count in record.layers),
        "layers": [[name, list(shape), count] for name, shape, count in record.layers],
        "metrics": {name: number(value) for name, value in record.metrics.items()},
        "validation": interval_entry(validation),
        "test": interval_entry(test),
        "diverged": ended.count(DIVERGED),
        "preprocessing": preprocessing(results, choice),
    }


def preprocessing(results: Results, choice: Choice) -> dict[str, Any]:
    """What was done to a row before the model saw it, fitted on the training part."""
    prepared = results.prepared
    split = prepared.split(choice.seed)
    about: dict[str, Any] = {
        "classes": list(prepared.classes),
        "target": prepared.target_name,
        "target_mean": number(split.target_mean),
        "target_scale": number(split.target_scale),
    }
    if prepared.kind == "images":
        return about | {"mean": split.mean.item(), "scale": split.scale.item()}
    columns = results.columns(choice.label, choice.seed)
    used = range(len(prepared.feature_names)) if columns is None else columns
    about["columns"] = [
        {
            "name": prepared.feature_names[i],
            "mean": number(split.mean[i]),
            "scale": number(split.scale[i]),
            "fill": number(split.fill[i]),
        }
        for i in used
    ]
    return about


def _head(results: Results) -> dict[str, Any]:
    return {
        "study": results.study.name,
        "data": results.study.dataset,
        "edition": results.prepared.edition,
        "task": results.study.task,
        "metric": results.choice,
        "higher_is_better": higher_is_better(results.choice),
    }


def _nobody(results: Results) -> dict[str, Any]:
    why = "No run of this study has a result."
    return _head(results) | {"combination": None, "why": why, "sums": {}}


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _remove_all(folder: Path) -> None:
    for name in FILES:
        remove(folder / name)
