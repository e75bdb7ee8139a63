"""study.json: what a reader of the tables needs to know besides them."""

from typing import Any

import numpy as np

from labbook.evaluate.champion import interval_entry, on_test_rows
from labbook.evaluate.choice import Choice
from labbook.evaluate.claims.judge import Judgement
from labbook.evaluate.curves.constant import constant_accuracies
from labbook.evaluate.results import Results
from labbook.evaluate.settings import setting_names, setting_texts
from labbook.evaluate.statistics.intervals import metric_interval
from labbook.evaluate.tables import number
from labbook.metrics import PARTS, higher_is_better, measure_of
from labbook.training.runfile import DIVERGED, ENDINGS, UNFINISHED
from labbook.verdicts import VERDICTS

LOSS = "loss as trained"  # of the standardised target where it is standardised
UNITS = {
    "r2": "",
    "accuracy": "share of rows",
    "cross_entropy": "nats",
    "epochs": "epochs",
    "best_epoch": "epochs",
    "settled_epoch": "epochs",
    "last_train_loss": LOSS,
    "last_valid_loss": LOSS,
    "train_roughness": "rise of the loss's logarithm per epoch",
    "valid_roughness": "rise of the loss's logarithm per epoch",
    "vanishing": "norm at the last layer over that at the first",
}
MOST_FEATURES = 20


def summarise(results: Results, choice: Choice | None, judged: list[Judgement]) -> dict[str, Any]:
    """The content of study.json."""
    study = results.study
    ended = [record.ended for record in results.records.values()]
    return {
        "name": study.name,
        "question": study.block.question,
        "note": study.block.note,
        "data": _data(results),
        "sizes": _sizes(results),
        "constant_accuracy": _constant_accuracy(results),
        "metric": study.metric,
        "choice_metric": results.choice,
        "metrics": list(results.metrics),
        "higher_is_better": {name: higher_is_better(name) for name in results.metrics},
        "unit": {name: unit(name, results.prepared.target_name) for name in results.metrics},
        "seeds": list(study.seeds),
        "single_seed": len(study.seeds) == 1,
        "runs": len(ended),
        "varies": list(setting_names(results)),
        "combinations": list(results.labels),
        "reference": study.reference,
        "endings": {name: ended.count(name) for name in ENDINGS},
        "diverged": _count(results, DIVERGED),
        "unfinished": _count(results, UNFINISHED),
        "verdicts": {name: sum(one.verdict == name for one in judged) for name in VERDICTS},
        "chosen": None if choice is None else _chosen(results, choice),
    }


def unit(metric: str, target: str) -> str:
    """The unit of a metric in words; that of an error is the target's, which has only a name."""
    errors = {"mse": f"square of {target}", "mae": target}
    return (UNITS | errors)[measure_of(metric)]


def _data(results: Results) -> dict[str, Any]:
    prepared = results.prepared
    shape = prepared.features.shape
    return {
        "name": results.study.dataset,
        "edition": prepared.edition,
        "kind": prepared.kind,
        "task": prepared.task,
        "rows": int(shape[0]),
        "columns": int(np.prod(shape[1:])),
        "shape": [int(size) for size in shape[1:]],
        "unlabelled": len(prepared.unlabelled_ids),
        "target": prepared.target_name,
        "classes": list(prepared.classes),
        "remarks": list(prepared.remarks),
    }


def _sizes(results: Results) -> dict[str, int]:
    """Rows of each part; those of the first seed, since all splits are alike in size."""
    split = results.prepared.split(results.study.seeds[0])
    return {part: len(getattr(split, part)) for part in PARTS}


def _constant_accuracy(results: Results) -> dict[str, float]:
    """By part, what always saying the most frequent class gives; empty of quantities."""
    if results.study.task == "regression":
        return {}
    return constant_accuracies(results.prepared, results.study.seeds)


def _count(results: Results, ending: str) -> dict[str, int]:
    """Combinations with runs that ended so, and how many."""
    found = {
        label: sum(results.records[label, seed].ended == ending for seed in results.study.seeds)
        for label in results.labels
    }
    return {label: count for label, count in found.items() if count}


def _chosen(results: Results, choice: Choice) -> dict[str, Any]:
    label, metric = choice.label, results.choice
    record = results.records[label, choice.seed]
    settings = zip(setting_names(results), setting_texts(results)[label], strict=True)
    return {
        "label": label,
        "settings": dict(settings),
        "seed": choice.seed,
        "run_by": choice.run_by,
        "set_aside": list(choice.set_aside),
        "run": record.id,
        "validation": _interval(results, label, metric),
        "test": _interval(results, label, on_test_rows(metric)),
        "test_metrics": {
            name: _interval(results, label, name)
            for name in results.metrics
            if name.startswith("test_")
        },
        "layers": [[name, list(shape), count] for name, shape, count in record.layers],
        "parameters": sum(count for _, _, count in record.layers),
        "features": _features(results, label),
    }


def _features(results: Results, label: str) -> dict[str, Any] | None:
    """Mean score over splits of the best features, and in how many splits each was chosen."""
    selection = results.selection(label)
    if selection is None or selection["method"] == "all":
        return None
    names = selection["features"]
    splits = [selection["splits"][str(seed)] for seed in results.study.seeds]
    chosen = np.zeros(len(names), dtype=int)
    for split in splits:
        chosen[split["columns"]] += 1
    scores = [np.array(split["scores"], dtype=float) for split in splits]  # None becomes NaN
    means = np.array([_mean(values) for values in np.transpose(scores)])  # (features,)
    order = np.lexsort((np.arange(len(names)), -np.nan_to_num(means, nan=-np.inf), -chosen))
    best = [i for i in order[:MOST_FEATURES] if chosen[i]]
    return {
        "method": selection["method"],
        "k": selection["k"],
        "splits": len(splits),
        "best": [
            {"feature": names[i], "score": number(means[i]), "chosen": int(chosen[i])} for i in best
        ],
    }


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")


def _interval(results: Results, label: str, metric: str) -> dict[str, Any]:
    return interval_entry(metric_interval(results.values(label, metric), metric))
