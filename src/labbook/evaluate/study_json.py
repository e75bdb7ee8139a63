"""study.json: what a reader of the tables needs to know besides them."""

from typing import Any

import numpy as np

from labbook.curve_metrics import CURVE_METRICS
from labbook.evaluate.baselines import constant_accuracies
from labbook.evaluate.champion import interval_entry, on_test_rows
from labbook.evaluate.choice import Choice
from labbook.evaluate.claims.outcome import Judgement
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import null_for_nan
from labbook.measures import higher_is_better, metric_of
from labbook.metrics import PARTS
from labbook.params.redraws import redraws_alone
from labbook.params.sampling import Range, Sample
from labbook.training.runfile import DIVERGED, ENDINGS, UNFINISHED
from labbook.verdicts import VERDICTS

MOST_FEATURES = 20


def summarise(results: StudyRuns, choice: Choice | None, judged: list[Judgement]) -> dict[str, Any]:
    """The content of study.json."""
    study = results.study
    ended = results.endings.stack().value_counts()
    split = results.prepared.split(study.seeds[0])  # all splits are alike in size
    of_classes = study.task == "classification"
    content: dict[str, Any] = null_for_nan({
        "name": study.name,
        "question": study.block.question,
        "note": study.block.note,
        "data": _data(results),
        "sizes": {part: len(getattr(split, part)) for part in PARTS},
        "constant_accuracy": (
            constant_accuracies(results.prepared, study.seeds) if of_classes else {}
        ),
        "metric": study.metric,
        "choice_metric": results.choice,
        "metrics": results.metrics,
        "higher_is_better": {name: higher_is_better(name) for name in results.metrics},
        "unit": {name: unit(name, results.prepared.target_name) for name in results.metrics},
        "seeds": study.seeds,
        "single_seed": len(study.seeds) == 1,
        "runs": len(results.records),
        "varies": list(results.settings),
        "drawn": _drawn(study.block.vary),
        "one_setting": redraws_alone(study.combinations),
        "combinations": results.labels,
        "reference": study.reference,
        "recipe": results.combinations[study.reference].recipe.model_dump(mode="json"),
        "endings": {name: int(ended.get(name, 0)) for name in ENDINGS},
        "diverged": _count(results, DIVERGED),
        "unfinished": _count(results, UNFINISHED),
        "verdicts": {name: sum(j.verdict == name for j in judged) for name in VERDICTS},
        "chosen": None if choice is None else _chosen(results, choice),
    })  # fmt: skip
    return content


def _drawn(vary: Any) -> dict[str, str]:
    """Settings that were drawn from a range, and on which scale: `linear` or `log`."""
    ranges = vary.of.items() if isinstance(vary, Sample) else ()
    return {name: "log" if one.log else "linear" for name, one in ranges if isinstance(one, Range)}


def unit(metric: str, target: str) -> str:
    """The unit of a metric in words; that of an error is the target's, which has only a name."""
    return CURVE_METRICS.get(metric, metric_of(metric)).unit.format(target=target)


def _data(results: StudyRuns) -> dict[str, Any]:
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


def _count(results: StudyRuns, ending: str) -> dict[str, int]:
    """Combinations with runs that ended so, and how many."""
    counts = (results.endings == ending).sum(axis=1)
    return {label: int(count) for label, count in counts.items() if count}


def _chosen(results: StudyRuns, choice: Choice) -> dict[str, Any]:
    label, metric = choice.label, results.choice
    record = results.records[label, choice.seed]
    on_test = [name for name in results.metrics if name.startswith("test_")]
    return {
        "label": label,
        "settings": dict(results.settings.loc[label]),
        "seed": choice.seed,
        "run_by": choice.run_by,
        "set_aside": choice.set_aside,
        "run": record.id,
        "validation": interval_entry(results, label, metric),
        "test": interval_entry(results, label, on_test_rows(metric)),
        "test_metrics": {name: interval_entry(results, label, name) for name in on_test},
        "layers": record.layers,
        "parameters": sum(count for _, _, count in record.layers),
        "features": _features(results, label),
    }


def _features(results: StudyRuns, label: str) -> dict[str, Any] | None:
    """Mean score over splits of the best features, and in how many splits each was chosen."""
    selection = results.selection(label)
    if selection is None or selection["method"] == "all":
        return None
    names = selection["features"]
    splits = [selection["splits"][str(seed)] for seed in results.study.seeds]
    chosen = np.zeros(len(names), dtype=int)
    for split in splits:
        chosen[split["columns"]] += 1
    scores = np.array([split["scores"] for split in splits], dtype=float)  # None becomes NaN
    means = np.full(len(names), np.nan)
    for feature, values in enumerate(scores.T):
        if np.isfinite(values).any():
            means[feature] = values[np.isfinite(values)].mean()
    order = np.lexsort((np.arange(len(names)), -np.nan_to_num(means, nan=-np.inf), -chosen))
    return {
        "method": selection["method"],
        "k": selection["k"],
        "splits": len(splits),
        "best": [
            {"feature": names[i], "score": means[i], "chosen": int(chosen[i])}
            for i in order[:MOST_FEATURES]
            if chosen[i]
        ],
    }
